"""Outside screens: a service of the site's choice and Akismet, against a stand-in that checks what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.core.checks import run_checks

from comments import moderation, posting, signatures, tasks
from comments.drafts import Draft
from comments.models import Comment
from comments.posting import Origin
from comments.screening import Facts, Outcome, akismet, outside
from comments.screening.exchange import ServiceFault

KEY = "123YourAPIKey"
FINE = Facts(text="The bay silts up.", name="Carl", website="https://carl.example", url="/articles/harbour/")


@dataclass
class StandIn:
    """A service on this machine: what it was asked, and what it answers next."""

    url: str = ""
    status: int = 200
    answer: bytes = b"false"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, str]:
        """The form that was sent last."""
        return {name: values[0] for name, values in parse_qs(self.asked[-1][2].decode("ascii")).items()}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.answer)))
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/1.1/"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def with_akismet(stand_in, settings) -> StandIn:
    settings.COMMENTS = {
        **settings.COMMENTS,
        "OUTSIDE_SCREENS": ["comments.screening.akismet.ask"],
        "AKISMET_KEY": KEY,
        "AKISMET_URL": stand_in.url,
        "SITE_URL": "https://news.example.org",
        "MAIL_DELAY": 0,
    }
    return stand_in


@pytest.fixture
def with_service(stand_in, settings) -> StandIn:
    stand_in.answer = b'{"verdict": "publish"}'
    settings.COMMENTS = {
        **settings.COMMENTS,
        "OUTSIDE_SCREENS": ["comments.screening.service.ask"],
        "SERVICE_URL": stand_in.url + "screen?site=1",
        "SERVICE_SECRET": "s" * 32,
    }
    return stand_in


def test_nothing_is_asked_unless_the_site_sets_it_up(stand_in, settings):
    settings.COMMENTS = {**settings.COMMENTS, "AKISMET_KEY": KEY, "AKISMET_URL": stand_in.url}
    assert outside.ask(FINE) == ()
    assert stand_in.asked == []


class TestAkismet:
    def test_it_is_asked_as_its_api_wants(self, with_akismet):
        assert outside.ask(FINE) == ()
        path, headers, _body = with_akismet.asked[0]
        assert path == "/1.1/comment-check"
        assert headers["content-type"].startswith("application/x-www-form-urlencoded")
        assert "/" in headers["user-agent"]
        assert with_akismet.fields == {
            "api_key": KEY,
            "blog": "https://news.example.org",
            "user_ip": "0.0.0.0",
            "comment_type": "comment",
            "comment_content": "The bay silts up.",
            "comment_author": "Carl",
            "comment_author_url": "https://carl.example",
            "blog_charset": "UTF-8",
            "permalink": "https://news.example.org/articles/harbour/",
        }

    @pytest.mark.parametrize(("headers", "detail"), [({}, ""), ({"X-akismet-pro-tip": "discard"}, "discard")])
    def test_what_it_names_spam_is_spam(self, headers, detail, with_akismet):
        with_akismet.answer, with_akismet.headers = b"true", headers
        (verdict,) = outside.ask(FINE)
        assert (verdict.outcome, verdict.code, verdict.detail) == (Outcome.SPAM, "akismet", detail)

    @pytest.mark.parametrize(("rule", "codes"), [("hold", ["outside_down"]), ("publish", [])])
    @pytest.mark.parametrize(
        ("status", "answer", "headers"),
        [
            (200, b"invalid", {"X-akismet-debug-help": 'Empty "api_key" value'}),
            (200, b"", {}),
            (500, b"true", {}),
            (302, b"true", {"Location": "http://127.0.0.1:1/"}),
        ],
    )
    def test_without_an_answer_the_sites_rule_holds(
        self, rule, codes, status, answer, headers, with_akismet, settings, caplog
    ):
        settings.COMMENTS = {**settings.COMMENTS, "OUTSIDE_WHEN_DOWN": rule}
        with_akismet.status, with_akismet.answer, with_akismet.headers = status, answer, headers
        assert [verdict.code for verdict in outside.ask(FINE)] == codes
        assert "akismet" in caplog.text
        assert not any(word in caplog.text for word in (KEY, "silts", "Carl"))
        assert headers.get("X-akismet-debug-help", "") in caplog.text

    def test_nobody_listens(self, with_akismet, settings):
        settings.COMMENTS = {**settings.COMMENTS, "AKISMET_URL": "http://127.0.0.1:9/"}
        assert [verdict.code for verdict in outside.ask(FINE)] == ["outside_down"]

    @pytest.mark.parametrize("url", ["", "ftp://a.example", "http://user:pass@a.example", "http://[", "http://a:b"])
    def test_an_address_that_is_none_is_a_fault(self, url, with_akismet, settings):
        settings.COMMENTS = {**settings.COMMENTS, "AKISMET_URL": url}
        with pytest.raises(ServiceFault):
            akismet.ask(FINE)

    @pytest.mark.parametrize("fields", [{"is_staff": True}, {"honeypot": "x"}, {"is_open": False}])
    def test_what_is_decided_without_it_is_not_sent(self, fields, with_akismet):
        assert outside.ask(Facts(text="The bay.", **fields)) == ()
        assert with_akismet.asked == []

    @pytest.mark.django_db
    def test_a_comment_is_posted_as_it_says_and_no_address_leaves(self, with_akismet, thread):
        with_akismet.answer = b"true"
        draft = Draft("The bay silts up slowly.", "Carl", "carl@example.org")
        comment = posting.post(thread, draft, Origin(client_digest="77" * 16)).comment
        assert (comment.status, comment.screening[0]["code"]) == ("spam", "akismet")
        sent = with_akismet.asked[0][2].decode()
        assert len(with_akismet.asked) == 1
        assert "carl%40example" not in sent
        assert "carl@example" not in sent
        assert "77777" not in sent

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("said", "to", "told"),
        [(b"true", "approved", "submit-ham"), (b"false", "spam", "submit-spam"), (b"true", "rejected", None)],
    )
    def test_it_is_told_where_a_person_contradicts(
        self, said, to, told, with_akismet, thread, mona, django_capture_on_commit_callbacks
    ):
        thread.mode = "hold_all"
        with_akismet.answer = said
        comment = posting.post(thread, Draft("The bay silts up.", "Carl", "carl@example.org"), Origin()).comment
        seen = moderation.Seen(comment.status, comment.revision)
        with tasks.kept_from_the_queue() as queued, django_capture_on_commit_callbacks(execute=True):
            moderation.decide(comment, to=to, by=mona, seen=seen, reason="other" if to == "rejected" else "")
        assert bool([one for one in queued if "tell_akismet" in one]) == (told is not None)
        if told:
            tasks.tell_akismet(comment.pk)
            assert with_akismet.asked[-1][0] == f"/1.1/{told}"
            assert with_akismet.fields["comment_content"] == "The bay silts up."
        assert tasks.tell_akismet(10**12) is False

    @pytest.mark.django_db
    def test_a_comment_whose_text_is_gone_is_not_told(self, with_akismet, write, mona):
        comment = write(status="spam")
        Comment.objects.filter(pk=comment.pk).update(html="")
        asked = len(with_akismet.asked)
        assert tasks.tell_akismet(comment.pk) is False
        assert len(with_akismet.asked) == asked


class TestService:
    def test_it_is_asked_signed_and_in_json(self, with_service):
        assert outside.ask(FINE) == ()
        path, headers, body = with_service.asked[0]
        assert path == "/1.1/screen?site=1"
        at = headers["x-leave-a-reply-signature"].split(",")[0].removeprefix("t=")
        assert headers["x-leave-a-reply-signature"] == signatures.sign(body, secret="s" * 32, at=int(at))
        assert json.loads(body) == {
            "text": "The bay silts up.",
            "name": "Carl",
            "website": "https://carl.example",
            "links": [],
            "language": "",
            "url": "/articles/harbour/",
            "seconds": None,
            "is_edit": False,
        }

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            ({"verdict": "hold", "detail": "rude", "found": ["silts", 3]}, Outcome.HOLD),
            ({"verdict": "reject"}, Outcome.REJECT),
            ({"verdict": "spam", "detail": ["no"], "found": "no"}, Outcome.SPAM),
        ],
    )
    def test_its_verdict_counts(self, answer, outcome, with_service):
        with_service.answer = json.dumps(answer).encode()
        (verdict,) = outside.ask(FINE)
        assert (verdict.outcome, verdict.code) == (outcome, "outside")
        assert isinstance(verdict.detail, str)
        assert all(isinstance(word, str) for word in verdict.found)

    @pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"verdict": 3}', b"[" * 60_000, b"x" * 70_000, b"\xff"])
    def test_an_answer_that_means_nothing_is_none(self, answer, with_service):
        with_service.answer = answer
        assert [verdict.code for verdict in outside.ask(FINE)] == ["outside_down"]


def test_the_checks_name_what_leaves_and_what_cannot_work(settings):
    settings.COMMENTS = {
        **settings.COMMENTS,
        "OUTSIDE_SCREENS": ["comments.screening.akismet.ask", "nowhere.ask"],
        "OUTSIDE_WHEN_DOWN": "perhaps",
        "SCREEN_HOLD": 0.9,
        "SCREEN_SPAM": 0.5,
        "THIRD_PARTIES": (),
    }
    said = {message.id for message in run_checks(tags=["comments"])}
    assert {"comments.W020", "comments.E020", "comments.E021", "comments.E022"} <= said
    settings.COMMENTS = {**settings.COMMENTS, "THIRD_PARTIES": ("Akismet reads what you write.",)}
    assert "comments.W020" not in {message.id for message in run_checks(tags=["comments"])}
