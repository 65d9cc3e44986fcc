"""What is kept for a time goes when the time is over, and not a day before. One table says what, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from comments import (
    appealing,
    blocks,
    conf,
    confirming,
    moderation,
    posting,
    recommending,
    reporting,
    retention,
    signals,
    subscribing,
    tagging,
)
from comments.models import (
    Appeal,
    Block,
    Comment,
    Commenter,
    ConfirmationRequest,
    Delivery,
    Mailbox,
    ModerationEvent,
    Outbox,
    Reader,
    Report,
    Submission,
    Subscription,
    TagAssignment,
    TagSuggestion,
    Thread,
    Webhook,
)
from comments.tasks import forget
from tests.comments.people import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_mail(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}


@pytest.fixture
def days(settings) -> Callable[..., None]:
    """Set a rule's days."""

    def set_to(**changed: Any) -> None:
        settings.COMMENTS = {**settings.COMMENTS, **changed}

    return set_to


def ago(**span: float) -> Any:
    return timezone.now() - timedelta(**span)


def age(rows: Any, field: str, setting: str, *, is_over: bool) -> None:
    """Make rows an hour older than their time, or an hour younger."""
    rows.update(**{field: ago(days=getattr(conf, setting), hours=1 if is_over else -1)})


# --- Each rule -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_over", [False, True])
def test_digests_of_submissions(is_over, write):
    write(client_digest="c" * 32)
    age(Submission.objects, "created_at", "SUBMISSION_DAYS", is_over=is_over)

    assert retention.sweep()["submissions"] == is_over
    assert Submission.objects.exists() is not is_over
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("is_over", [False, True])
def test_an_address_that_was_never_confirmed(is_over, write, carls_browser, thread):
    comment = write(reader=carls_browser)
    subscribing.subscribe(subscribing.Wish(thread), reader=carls_browser, address="other@example.org")
    age(Commenter.objects, "seen_at", "UNCONFIRMED_DAYS", is_over=is_over)

    assert retention.sweep()["addresses"] == 2 * is_over
    assert Commenter.objects.exists() is not is_over
    assert Subscription.objects.exists() is not is_over
    comment.refresh_from_db()
    assert (comment.author_name, comment.reader, comment.status) == ("Carl", carls_browser, "approved")
    assert (comment.commenter is None) == is_over


def test_a_confirmed_address_stays(write, carls_browser):
    confirm(Commenter.objects.get(pk=write(reader=carls_browser).commenter_id), carls_browser)
    age(Commenter.objects, "seen_at", "UNCONFIRMED_DAYS", is_over=True)

    assert retention.sweep()["addresses"] == 0


def test_an_address_that_is_typed_again_begins_anew(write):
    write()
    age(Commenter.objects, "seen_at", "UNCONFIRMED_DAYS", is_over=True)
    write()

    assert retention.sweep()["addresses"] == 0


@pytest.mark.parametrize("is_over", [False, True])
def test_a_subscription_that_waits_for_ever_for_its_address(is_over, write, carls_browser, thread):
    commenter = Commenter.objects.get(pk=write(reader=carls_browser).commenter_id)
    confirm(commenter, carls_browser)
    subscribing.subscribe(subscribing.Wish(thread), reader=carls_browser)
    waiting = Subscription.objects.create(commenter=commenter, thread=Thread.objects.create(key="lock"))
    age(Subscription.objects, "created_at", "UNCONFIRMED_DAYS", is_over=is_over)

    assert retention.sweep()["wishes"] == is_over
    assert Subscription.objects.filter(pk=waiting.pk).exists() is not is_over
    assert Subscription.objects.exclude(pk=waiting.pk).count() == 1


@pytest.mark.parametrize("status", ["rejected", "spam"])
@pytest.mark.parametrize("is_over", [False, True])
def test_rejected_comments_and_spam(is_over, status, write, carls_browser, tags, thread):
    comment = write("Bad words.", reader=carls_browser, website="https://bad.example", status=status)
    TagAssignment.objects.create(comment=comment, tag=tags["jobs"], source="machine", verdict="yes", evidence=[[0, 3]])
    Comment.objects.update(screening=[{"code": "blocked_word", "detail": "Bad"}])
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=is_over)
    age(ModerationEvent.objects, "at", "REJECTED_DAYS", is_over=is_over)

    assert retention.sweep()["refused"] == is_over
    comment.refresh_from_db()
    assert (comment.status, comment.events.count()) == (status, 1)
    assert (comment.text == "") == is_over
    if is_over:
        assert (comment.author_name, comment.author_website, comment.screening) == ("", "", [])
        assert (comment.commenter, comment.reader) == (None, None)
        assert not TagAssignment.objects.exists()
    assert retention.sweep()["refused"] == 0


def test_a_comment_that_was_rejected_lately_keeps_its_words(write):
    write(status="rejected")
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=True)

    assert retention.sweep()["refused"] == 0


@pytest.mark.parametrize("status", ["approved", "pending"])
def test_what_is_public_or_waits_keeps_its_words(status, write):
    write(status=status)
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=True)
    age(ModerationEvent.objects, "at", "REJECTED_DAYS", is_over=True)

    assert retention.sweep()["refused"] == 0


def test_whoever_listens_hears_of_it_without_the_words(write, django_capture_on_commit_callbacks):
    comment = write(status="spam")
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=True)
    age(ModerationEvent.objects, "at", "REJECTED_DAYS", is_over=True)
    heard = []

    def hear(comment, **_):
        heard.append((comment.pk, comment.text, comment.author_name))

    signals.comment_erased.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            retention.sweep()
    finally:
        signals.comment_erased.disconnect(hear)

    assert heard == [(comment.pk, "", "")]


@pytest.mark.parametrize("is_over", [False, True])
def test_the_personal_fields_of_the_log(is_over, write, mona):
    said = {"reason": "abuse", "note": "He is my cousin.", "message": "Dear Carl"}
    moderation.decide(write(), to="rejected", by=mona, seen=moderation.Seen("approved", 1), **said)
    ModerationEvent.objects.update(original="What he wrote.")
    age(ModerationEvent.objects, "at", "LOG_DAYS", is_over=is_over)

    assert retention.sweep()["log"] == is_over
    event = ModerationEvent.objects.get()
    words = (event.by, event.note, event.message, event.original)
    assert words == ((None, "", "", "") if is_over else (mona, "He is my cousin.", "Dear Carl", "What he wrote."))
    assert (event.from_status, event.to_status, event.actor) == ("approved", "rejected", "moderator")


@pytest.mark.parametrize("field", ["note", "message", "original"])
def test_words_in_the_log_go_where_nobodys_name_is_left(field, write):
    moderation.move(write(), to="spam", actor="screen", seen=moderation.Seen("approved", 1))
    ModerationEvent.objects.update(**{field: "words"})
    age(ModerationEvent.objects, "at", "LOG_DAYS", is_over=True)

    assert retention.sweep()["log"] == 1
    assert getattr(ModerationEvent.objects.get(), field) == ""
    assert retention.sweep()["log"] == 0


def test_looking_at_what_was_refused_does_not_keep_it_longer(write, mona):
    comment = write(status="spam")
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=True)
    age(ModerationEvent.objects, "at", "REJECTED_DAYS", is_over=True)
    ModerationEvent.objects.create(comment=comment, action="address", actor="moderator", by=mona)

    assert retention.sweep()["refused"] == 1


@pytest.mark.parametrize("is_over", [False, True])
def test_the_personal_fields_of_a_settled_report(is_over, write, carls_browser, mona):
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="other", note="I know him.")
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("approved", 1))
    age(Report.objects, "resolved_at", "LOG_DAYS", is_over=is_over)

    assert retention.sweep()["reports"] == is_over
    report = Report.objects.get()
    assert (report.reader, report.note) == ((None, "") if is_over else (carls_browser, "I know him."))


def test_an_open_report_keeps_its_note(write, carls_browser):
    reporting.report(write(), reader=carls_browser, reason="other", note="I know him.")
    Report.objects.update(created_at=ago(days=1000))

    assert retention.sweep()["reports"] == 0


@pytest.mark.parametrize("state", Outbox.State.values)
@pytest.mark.parametrize("is_over", [False, True])
def test_mails_that_are_done_with(is_over, state, write):
    commenter = Commenter.objects.get(pk=write().commenter_id)
    Outbox.objects.create(commenter=commenter, kind="news", state=state)
    age(Outbox.objects, "created_at", "MAIL_DAYS", is_over=is_over)
    is_done = state in {"sent", "dropped", "given_up"}

    assert retention.sweep()["mails"] == (is_over and is_done)
    assert Outbox.objects.exists() is not (is_over and is_done)


@pytest.mark.parametrize("is_over", [False, True])
def test_links_that_have_expired(is_over, carls_browser):
    confirming.ask(address="carl@example.org", reader=carls_browser)
    age(ConfirmationRequest.objects, "created_at", "MAIL_DAYS", is_over=is_over)

    assert retention.sweep()["links"] == is_over
    assert ConfirmationRequest.objects.exists() is not is_over


def test_a_link_that_still_works_stays_however_short_the_time(carls_browser, days):
    days(MAIL_DAYS=1, CONFIRM_HOURS=48)
    confirming.ask(address="carl@example.org", reader=carls_browser)
    ConfirmationRequest.objects.update(created_at=ago(hours=30))

    assert retention.sweep()["links"] == 0


@pytest.mark.parametrize("is_over", [False, True])
def test_a_browser_of_which_nothing_is_kept(is_over, carls_browser):
    age(Reader.objects, "created_at", "READER_DAYS", is_over=is_over)

    assert retention.sweep()["browsers"] == is_over
    assert Reader.objects.exists() is not is_over


@pytest.mark.parametrize("leave", ["comment", "recommendation", "report", "confirmation", "subscription", "request"])
def test_a_browser_of_which_something_is_kept_stays(leave, write, carls_browser, thread):
    other = write()
    if leave == "comment":
        write(reader=carls_browser)
    elif leave == "recommendation":
        recommending.recommend(other, reader=carls_browser)
    elif leave == "report":
        reporting.report(other, reader=carls_browser, reason="other")
    elif leave == "confirmation":
        confirm(Commenter.objects.get(pk=other.commenter_id), carls_browser)
    elif leave == "subscription":
        confirm(Commenter.objects.get(pk=other.commenter_id), carls_browser)
        subscribing.subscribe(subscribing.Wish(thread), reader=carls_browser)
        carls_browser.confirmations.all().delete()
    else:
        confirming.ask(address="carl@example.org", reader=carls_browser)
    Reader.objects.filter(pk=carls_browser.pk).update(created_at=ago(days=1000))

    retention.sweep()

    assert Reader.objects.filter(pk=carls_browser.pk).exists()


# --- The table and the sweep -----------------------------------------------------------------------------------------


def test_every_rule_has_a_setting_and_a_name_of_its_own():
    assert len({rule.name for rule in retention.RULES}) == len(retention.RULES)
    assert {rule.setting for rule in retention.RULES} == {key for key in conf.SETTINGS if key.endswith("_DAYS")} - {
        "CLOSE_AFTER_DAYS",
        "APPEAL_DAYS",
    }


@pytest.fixture
def _everything_is_old(write, carls_browser, mona, thread) -> None:
    """Something for each rule."""
    hook = Webhook.objects.create(url="https://hooks.example.org/", sealed_secret=b"", is_active=False)
    Delivery.objects.create(webhook=hook, event="ping", created_at=timezone.now() - timedelta(days=4_000))
    write(status="spam")
    comment = write()
    reporting.report(comment, reader=carls_browser, reason="other", note="Old.")
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("approved", 1))
    posting.new_reader()
    appealed = write(status="rejected", reader=carls_browser)
    appealing.appeal(appealed, reader=carls_browser, text="Old.")
    blocks.block(comment, by=mona, days=1, everywhere=True)
    confirmed = Commenter.objects.get(pk=comment.commenter_id)
    Outbox.objects.create(commenter=confirmed, kind="news", state="sent")
    Subscription.objects.create(commenter=confirmed, thread=thread)
    write(email="unconfirmed@example.org")
    confirming.ask(address="typed@example.org", reader=carls_browser)
    Mailbox.objects.create(digest="5" * 32, asked_count=1, asked_at=ago(days=4_000))
    Commenter.objects.filter(pk=confirmed.pk).update(confirmed_at=timezone.now())
    old = ago(days=1000)
    for model in (Submission, Comment, Reader, Outbox, Subscription, ConfirmationRequest):
        model.objects.update(created_at=old)
    Commenter.objects.update(seen_at=old)
    ModerationEvent.objects.update(at=old)
    Report.objects.update(resolved_at=old)
    Appeal.objects.update(settled_at=old)
    Block.objects.update(expires_at=old)
    (tag,) = tagging.define_tags(thread, [tagging.TagSpec("silt", "indicator", "Silt")])
    TagSuggestion.objects.create(comment=comment, tag=tag, reader=carls_browser, settled_at=old)
    Block.objects.create(address_digest="a" * 32, erased_at=old)


def test_whatever_refers_to_a_browser_holds_it(write, thread):
    reader = Reader.objects.create(cookie_digest="5" * 32, created_at=ago(days=4_000))
    (tag,) = tagging.define_tags(thread, [tagging.TagSpec("silt", "indicator", "Silt")])
    doubt = TagSuggestion.objects.create(comment=write(), tag=tag, reader=reader)

    retention.sweep()
    assert Reader.objects.filter(pk=reader.pk).exists()

    doubt.delete()
    retention.sweep()
    assert not Reader.objects.filter(pk=reader.pk).exists()


@pytest.mark.parametrize("is_over", [True, False])
def test_how_often_a_mailbox_was_asked(is_over, carls_browser, settings):
    request = confirming.ask(address="stranger@example.org", reader=carls_browser)
    confirming.settle(request.pk)
    age(Mailbox.objects, "asked_at", "UNCONFIRMED_DAYS", is_over=is_over)

    assert retention.sweep()["mailboxes"] == is_over


@pytest.mark.usefixtures("_everything_is_old")
def test_a_dry_run_says_what_the_sweep_then_does():
    said = retention.preview()
    assert all(said.values()), said

    done = retention.sweep()

    # The request goes with its address, and its browser is let go of only after that.
    assert {**done, "links": 0, "browsers": 0} == {**said, "links": 0, "browsers": 0}
    assert not any(retention.preview().values())


@pytest.mark.usefixtures("_everything_is_old")
@pytest.mark.parametrize("setting", sorted({rule.setting for rule in retention.RULES}))
def test_none_keeps(setting, days):
    days(**{setting: None})

    done = retention.sweep()

    for rule in retention.RULES:
        if rule.setting == setting:
            assert done[rule.name] == 0, rule.name


@pytest.mark.usefixtures("_everything_is_old")
def test_batches_do_what_one_would(write):
    for _ in range(5):
        write()
    Submission.objects.update(created_at=ago(days=1000))
    count = Submission.objects.count()

    assert retention.sweep(batch=2, limit=4)["submissions"] == 4
    assert Submission.objects.count() == count - 4
    assert retention.sweep(batch=2)["submissions"] == count - 4


def test_what_is_decided_on_between_the_look_and_the_lock_is_left_alone(write, mona, monkeypatch):
    comment = write("Fair enough.", status="rejected")
    age(Comment.objects, "created_at", "REJECTED_DAYS", is_over=True)
    age(ModerationEvent.objects, "at", "REJECTED_DAYS", is_over=True)
    locked = retention.tallies.lock

    def approve_first(thread_id: int) -> None:
        monkeypatch.setattr(retention.tallies, "lock", locked)
        moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("rejected", 1))
        locked(thread_id)

    monkeypatch.setattr(retention.tallies, "lock", approve_first)
    retention.sweep()

    comment.refresh_from_db()
    assert (comment.status, comment.text) == ("approved", "Fair enough.")


@pytest.mark.usefixtures("_everything_is_old")
def test_the_task_is_the_sweep():
    assert all(forget().values()) or not any(retention.preview().values())
    assert not any(retention.preview().values())


def test_a_member_of_staff_who_is_gone_stays_gone_from_the_log(write, mona):
    moderation.decide(write(), to="spam", by=mona, seen=moderation.Seen("approved", 1))
    User.objects.filter(pk=mona.pk).delete()

    assert ModerationEvent.objects.get().by is None
    assert retention.sweep()["log"] == 0
