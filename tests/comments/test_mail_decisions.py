"""Alerts by mail, and deciding from them: who is mailed what, and whom a link serves, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import alerting, links, mail_decisions, moderation, posting, reporting
from comments.errors import InvalidFields
from comments.models import Alert, AlertChoice, Comment, ModerationEvent, Outbox, Reader
from comments.moderation import Seen

LINK = re.compile(r"https://news\.example\.org(/desk/moderation/alerts/decide/\S+)")


@pytest.fixture
def mona(mona: Any, mail_site: str) -> Any:
    """A moderator who wants to hear of everything at once."""
    mona.email = "mona@newsroom.example"
    mona.save()
    alerting.choose(mona, pending="at_once", reported="at_once", digest_hours=24)
    return mona


@pytest.fixture
def mailed(mona: Any, write: Any, deliver: Callable[[], list[Any]]) -> Callable[..., tuple[Comment, dict[str, str]]]:
    """A comment that waits, and the links of the mail about it, by what they decide."""

    def make(body: str = "The quay is wet.", **fields: Any) -> tuple[Comment, dict[str, str]]:
        comment = write(body, **{"status": "pending", **fields})
        (sent,) = deliver()
        return comment, dict(zip(("approved", "rejected", "spam"), LINK.findall(str(sent.body)), strict=True))

    return make


def test_a_link_shows_the_comment_and_its_button_approves_it(mailed: Any, mona: Any, sam: Client) -> None:
    comment, urls = mailed()

    page = sam.get(urls["approved"])
    assert page.status_code == 200
    assert "The quay is wet." in page.content.decode()
    comment.refresh_from_db()
    assert comment.status == "pending", "a link shows"

    done = sam.post(urls["approved"])
    assert done.status_code == 200
    comment.refresh_from_db()
    assert comment.status == "approved"
    event = ModerationEvent.objects.latest("pk")
    assert (event.by, event.actor, event.from_status, event.to_status) == (mona, "moderator", "pending", "approved")


def test_a_rejection_wants_a_reason(mailed: Any, sam: Client) -> None:
    comment, urls = mailed()
    refused = sam.post(urls["rejected"], {"reason": "nonsense"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()
    assert sam.post(urls["rejected"], {"reason": "other"}).status_code == 200
    comment.refresh_from_db()
    assert (comment.status, comment.reason) == ("rejected", "other")


def test_spam_is_marked(mailed: Any, sam: Client) -> None:
    comment, urls = mailed()
    sam.post(urls["spam"])
    comment.refresh_from_db()
    assert comment.status == "spam"


def test_a_link_works_once_and_then_says_what_stands(mailed: Any, mona: Any, sam: Client) -> None:
    comment, urls = mailed()
    sam.post(urls["spam"])
    for how in (sam.get, sam.post):
        answer = how(urls["approved"])
        assert answer.status_code == (200 if how == sam.get else 409)
        assert "spam" in answer.content.decode()
        assert "The quay is wet." not in answer.content.decode()
    comment.refresh_from_db()
    assert comment.status == "spam"


def test_a_used_link_stays_used_where_the_decision_is_taken_back(mailed: Any, mona: Any, sam: Client) -> None:
    comment, urls = mailed()
    sam.post(urls["approved"])
    Comment.objects.filter(pk=comment.pk).update(status="pending")
    assert sam.post(urls["approved"]).status_code == 409
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_where_somebody_else_was_first_the_link_does_nothing(
    mailed: Any, ed: Any, sam: Client, django_user_model: Any
) -> None:
    comment, urls = mailed()
    other = django_user_model.objects.create_superuser("omar")
    moderation.decide(comment, to="rejected", by=other, seen=Seen("pending", 1), reason="other")
    answer = sam.post(urls["approved"])
    assert answer.status_code == 409
    assert "omar" in answer.content.decode()


def test_a_changed_text_was_not_what_the_mail_showed(mailed: Any, sam: Client, carls_browser: Reader) -> None:
    comment, urls = mailed(reader=carls_browser)
    posting.edit(comment, body="Buy pills.", reader=carls_browser)
    assert sam.post(urls["approved"]).status_code == 409
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_another_account_that_is_logged_in_is_refused(mailed: Any, ed_client: Client) -> None:
    comment, urls = mailed()
    for answer in (ed_client.get(urls["approved"]), ed_client.post(urls["approved"])):
        assert answer.status_code == 403
        assert "The quay is wet." not in answer.content.decode()
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_the_moderators_own_session_may_be_there(mailed: Any, mona_client: Client) -> None:
    _comment, urls = mailed()
    assert mona_client.post(urls["approved"]).status_code == 200


@pytest.mark.parametrize("how", ["inactive", "no group", "deleted"])
def test_who_is_no_moderator_any_more_decides_nothing(mailed: Any, mona: Any, sam: Client, how: str) -> None:
    comment, urls = mailed()
    if how == "inactive":
        mona.is_active = False
        mona.save()
    elif how == "no group":
        mona.groups.clear()
    else:
        mona.delete()
    for answer in (sam.get(urls["approved"]), sam.post(urls["approved"])):
        assert answer.status_code == (410 if how == "deleted" else 403)
        assert "The quay is wet." not in answer.content.decode()
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_a_link_grows_old(mailed: Any, sam: Client, settings: Any) -> None:
    _comment, urls = mailed()
    settings.COMMENTS = {**settings.COMMENTS, "ALERT_LINK_HOURS": 0}
    assert sam.get(urls["approved"]).status_code == 410


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "a" * 3000, "é"])
def test_a_damaged_link_is_gone(mona: Any, sam: Client, token: str) -> None:
    assert sam.get(f"/desk/moderation/alerts/decide/{token}/").status_code in {404, 410}


def test_a_key_alone_makes_no_link_and_one_link_is_not_another(mailed: Any, sam: Client) -> None:
    mailed()
    alert = Alert.objects.get()
    forged = [
        signing.dumps([alert.pk, "x" * 22, "approved"], salt=links.DECIDE),
        signing.dumps([alert.pk, alert.nonce, "approved"], salt=links.CONFIRM),
        signing.dumps([alert.pk, alert.nonce, "withdrawn"], salt=links.DECIDE),
        signing.dumps([2**70, alert.nonce, "approved"], salt=links.DECIDE),
        signing.dumps([True, alert.nonce, "approved"], salt=links.DECIDE),
        signing.dumps({"a": 1}, salt=links.DECIDE),
    ]
    for token in forged:
        assert sam.post(f"/desk/moderation/alerts/decide/{token}/").status_code == 410


def test_no_cache_keeps_the_page_and_no_other_site_learns_of_it(mailed: Any, sam: Client) -> None:
    _comment, urls = mailed()
    for answer in (sam.get(urls["approved"]), sam.post(urls["approved"]), sam.post(urls["approved"])):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "same-origin"


def test_another_sites_form_is_refused(mailed: Any) -> None:
    _comment, urls = mailed()
    assert Client(enforce_csrf_checks=True).post(urls["approved"]).status_code == 403


def test_a_reported_comment_can_stay_by_a_press(
    mona: Any, write: Any, deliver: Any, sam: Client, carls_browser: Reader
) -> None:
    comment = write("A public claim.")
    reporting.report(comment, reader=carls_browser, reason="spam", note="They sell it.")
    (sent,) = deliver()
    approve, *_others = LINK.findall(str(sent.body))
    assert sam.post(approve).status_code == 200
    comment.refresh_from_db()
    assert (comment.status, comment.report_count) == ("approved", 0)
    assert sam.post(approve).status_code == 409


# --- Who is mailed what ----------------------------------------------------------------------------------------------


def test_a_busy_thread_fills_one_mail(mona: Any, write: Any, deliver: Any) -> None:
    for number in range(3):
        write(f"Remark {number}.", status="pending")
    (sent,) = deliver()
    assert sent.to == ["mona@newsroom.example"]
    assert sent.subject == "The Newsroom: 3 comments for a moderator"
    assert all(f"Remark {number}." in str(sent.body) for number in range(3))


def test_a_mail_about_many_says_how_many_more(mona: Any, write: Any, deliver: Any, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "FLOOD_HOLD": 100}
    for number in range(22):
        write(f"Remark {number}.", status="pending")
    (sent,) = deliver()
    assert len(LINK.findall(str(sent.body))) == 3 * 20
    assert "And 2 more comments." in str(sent.body)


def test_the_number_of_queries_does_not_grow_with_the_readers_of_alerts(
    mona: Any, write: Any, django_user_model: Any
) -> None:
    comment = write(status="pending")
    Outbox.objects.all().delete()

    def count() -> int:
        Outbox.objects.all().delete()
        alerting.ears()
        with CaptureQueriesContext(connection) as queries:
            alerting.tell_waiting(comment)
        return len(queries)

    before = count()
    for number in range(6):
        user = django_user_model.objects.create_user(f"m{number}", email=f"m{number}@newsroom.example")
        AlertChoice.objects.create(user=user, pending="at_once")
    assert count() == before
    assert Alert.objects.count() == 7


def test_what_was_decided_meanwhile_is_not_told(mona: Any, write: Any, deliver: Any) -> None:
    comment = write(status="pending")
    moderation.decide(comment, to="approved", by=mona, seen=Seen("pending", 1))
    assert deliver() == []
    assert Outbox.objects.get().state == "dropped"


@pytest.mark.parametrize("how", ["inactive", "no group", "no address"])
def test_who_may_not_moderate_or_has_no_address_gets_nothing(mona: Any, write: Any, deliver: Any, how: str) -> None:
    write(status="pending")
    if how == "inactive":
        mona.is_active = False
    elif how == "no group":
        mona.groups.clear()
    else:
        mona.email = ""
    mona.save()
    assert deliver() == []
    assert Outbox.objects.get().state in {"dropped", "given_up"}
    assert not [one for one in mail.outbox if not one.to]


def test_who_chose_never_gets_nothing(mona: Any, write: Any, deliver: Any) -> None:
    alerting.choose(mona, pending="never", reported="never", digest_hours=24)
    write(status="pending")
    assert deliver() == []
    assert not Outbox.objects.exists()


def test_a_mail_holds_no_readers_address_and_no_header_holds_their_words(mona: Any, write: Any, deliver: Any) -> None:
    body = "<b>Bold</b> & words\n\nSubject: forged"
    write(body, status="pending", name="Carl\u2028Quay", email="carl@secret.example", website="https://carl.example/")
    (sent,) = deliver()
    whole = sent.message().as_string()
    assert "secret.example" not in whole
    headers = "\n".join(f"{name}: {value}" for name, value in sent.message().items())
    for word in ("Carl", "Bold", "forged", "carl.example"):
        assert word not in headers
    (html,) = (str(part[0]) for part in sent.alternatives)
    assert "<b>" not in html
    assert "https://carl.example/" in str(sent.body)


def test_a_report_note_stands_in_no_mail(mona: Any, write: Any, deliver: Any, carls_browser: Reader) -> None:
    comment = write("A public claim.")
    reporting.report(comment, reader=carls_browser, reason="other", note="I know where she lives")
    (sent,) = deliver()
    assert "where she lives" not in str(sent.body)
    assert "Reported by 1 reader." in str(sent.body)


def test_a_digest_comes_at_its_hour_with_numbers_and_no_words(mona: Any, write: Any, deliver: Any) -> None:
    alerting.choose(mona, pending="digest", reported="digest", digest_hours=6)
    write("Unmistakable.", status="pending")
    assert alerting.queue_digests() == 0, "its hour has not come"
    AlertChoice.objects.update(digest_at=timezone.now() - timedelta(hours=6))
    assert alerting.queue_digests() == 1
    assert alerting.queue_digests() == 0
    (sent,) = deliver()
    assert sent.subject == "The Newsroom: Waiting: 1"
    assert "Unmistakable" not in str(sent.body)
    assert "https://news.example.org/desk/moderation/?queue=pending" in str(sent.body)


def test_where_nothing_waits_no_digest_comes(mona: Any, deliver: Any) -> None:
    alerting.choose(mona, pending="digest", reported="never", digest_hours=1)
    AlertChoice.objects.update(digest_at=timezone.now() - timedelta(hours=6))
    alerting.queue_digests()
    assert deliver() == []


def test_a_choice_that_is_none_is_refused(mona: Any) -> None:
    with pytest.raises(InvalidFields) as refused:
        alerting.choose(mona, pending="hourly", reported="\x00", digest_hours=7)
    assert set(refused.value.fields) == {"pending", "reported", "digest_hours"}


def test_two_presses_at_one_moment_decide_once(mailed: Any, mona: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    comment, urls = mailed()
    token = urls["approved"].rstrip("/").rpartition("/")[2]
    offer = mail_decisions.read(token, visitor=mona)
    mail_decisions.decide(token, visitor=mona)
    monkeypatch.setattr(mail_decisions, "read", lambda token, visitor: offer)
    with pytest.raises(Exception, match=r"link|changed"):
        mail_decisions.decide(token, visitor=mona)
    assert ModerationEvent.objects.filter(comment=comment, to_status="approved").count() == 1
