"""Everything that is stored about somebody, as plain JSON, and nothing that is about others."""

from __future__ import annotations

import json

import pytest

from comments import confirming, exporting, moderation, owning, tagging
from comments.models import Outbox, Reader, Report
from comments.tagging import MachineTag
from tests.comments.people import ADDRESS, NAME, WEBSITE, WORDS, Carlotta, browser, settle_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_mail(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}


@pytest.fixture
def carlotta(write, thread) -> Carlotta:
    return settle_in(write, thread)


def exported(carlotta: Carlotta) -> dict:
    """As a program would read it."""
    person = owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk))
    return json.loads(json.dumps(exporting.export(person)))


def test_a_comment_is_there_with_all_that_is_known_of_it(carlotta, tags, mona):
    comment = carlotta.comments[0]
    said = [MachineTag("dredging", 0.91, is_sure=True, evidence=((4, 11),))]
    tagging.assign_by_machine(comment, revision=1, tags=said)
    moderation.decide(
        comment,
        to="rejected",
        by=mona,
        seen=moderation.Seen("approved", 1),
        reason="off_topic",
        note="a secret note",
        message="Stay on the harbour.",
        invite=True,
    )
    found = exported(carlotta)["comments"][0]

    assert {key: found[key] for key in ("id", "name", "website", "body", "text", "status", "reason", "revision")} == {
        "id": comment.pk, "name": NAME, "website": WEBSITE, "body": WORDS, "text": WORDS,
        "status": "rejected", "reason": "off_topic", "revision": 1,
    }  # fmt: skip
    assert (found["html"], found["risk_per_mille"], found["language"]) == (comment.html, comment.risk, comment.language)
    assert found["url"] == f"https://news.example.org/comments/{comment.pk}/"
    assert found["thread"] == {"id": comment.thread_id, "title": "The harbour", "url": "/articles/harbour/"}
    assert found["created_at"].endswith("+00:00")
    (tag,) = found["tags"]
    assert (tag["slug"], tag["source"], tag["confidence"], tag["evidence"]) == ("dredging", "machine", 0.91, [[4, 11]])
    (decision,) = found["decisions"]
    assert {key: decision[key] for key in ("from", "to", "by", "reason")} == {
        "from": "approved", "to": "rejected", "by": "moderator", "reason": "off_topic",
    }  # fmt: skip
    assert (decision["message"], decision["invited_to_send_again"]) == ("Stay on the harbour.", True)


def test_what_stands_around_the_comments_is_there(carlotta):
    found = exported(carlotta)

    assert exporting.counts(found) == {
        "addresses": 1, "blocks": 0, "browsers": 1, "comments": 6, "recommendations": 1, "tag_suggestions": 0,
        "reports": 1, "subscriptions": 1, "mails": 0, "confirmations": 1, "confirmation_requests": 0,
    }  # fmt: skip
    assert found["reports"][0]["note"] == "Carlotta's own note"
    assert found["subscriptions"][0]["pace"] == "at_once"
    assert found["addresses"][0]["confirmed_at"]
    assert len(found["comments"][0]["submissions"]) == 1


def test_typed_markup_is_there_as_it_was_typed(write, carls_browser):
    write("So *deep*.", reader=carls_browser)
    found = exporting.export(owning.of_browser(carls_browser))["comments"][0]

    assert (found["body"], found["text"], found["html"]) == ("So *deep*.", "So deep.", "<p>So <em>deep</em>.</p>")


def test_spam_is_called_spam(carlotta):
    assert [comment["status"] for comment in exported(carlotta)["comments"]] == [
        "approved", "approved", "rejected", "spam", "pending", "withdrawn",
    ]  # fmt: skip


def test_neither_the_address_nor_any_digest_is_there(carlotta):
    text = json.dumps(exported(carlotta), ensure_ascii=False)

    for what, secret in carlotta.secrets.items():
        assert (secret in text) == (what in {"name", "website", "note of a report"}), what
    assert "not in this file" in text


def test_who_decided_and_who_reported_is_not_there(carlotta, mona):
    comment = carlotta.comments[0]
    moderation.decide(comment, to="spam", by=mona, seen=moderation.Seen("approved", 1), note="a secret note")
    Report.objects.create(comment=comment, reader=browser("rita"), reason="abuse", note="Rita complains")

    text = json.dumps(exported(carlotta))

    assert [word for word in ("mona", "secret note", "Rita complains") if word in text] == []


def test_nothing_of_somebody_else_is_there(carlotta):
    text = json.dumps(exported(carlotta))
    assert "Rita" not in text
    assert "cranes" not in text


def test_what_became_of_a_strangers_address_is_not_there(carls_browser):
    request = confirming.ask(address="stranger@example.org", reader=carls_browser)
    before = exporting.export(owning.of_browser(carls_browser))
    confirming.settle(request.pk)
    assert Outbox.objects.count() == 1

    after = exporting.export(owning.of_browser(carls_browser))

    assert {**after, "exported_at": ""} == {**before, "exported_at": ""}


def test_by_address_an_operator_gets_what_the_person_would(carlotta):
    by_address = exporting.export(owning.of_address(ADDRESS))

    assert {**by_address, "exported_at": ""} == {**exported(carlotta), "exported_at": ""}


def test_the_queries_do_not_grow_with_the_comments(write, carls_browser, django_assert_num_queries):
    def count() -> int:
        with django_assert_num_queries(16, exact=False) as seen:
            exporting.export(owning.of_browser(Reader.objects.get(pk=carls_browser.pk)))
        return len(seen)

    write(reader=carls_browser)
    one = count()
    for _ in range(40):
        write(reader=carls_browser)

    assert count() == one
