"""Correct my name, withdraw, erase me: what is gone, what stays, and that a second run finishes a first."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db.models import Sum

from comments import confirming, erasing, moderation, owning, posting, subscribing, tallies
from comments.errors import InvalidFields, Refusal
from comments.models import (
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    FacetCount,
    Mailbox,
    ModerationEvent,
    Notice,
    Outbox,
    Reader,
    Recommendation,
    Report,
    Status,
    Submission,
    Subscription,
    TagAssignment,
    Thread,
)
from tests.comments.people import ADDRESS, NAME, WORDS, Carlotta, browser, confirm, dump, settle_in, traces

pytestmark = pytest.mark.django_db
SITE = {"SITE_URL": "https://news.example.org"}


@pytest.fixture(autouse=True)
def _with_mail(settings):
    settings.COMMENTS = {**settings.COMMENTS, **SITE}


@pytest.fixture
def carlotta(write, thread, mona) -> Carlotta:
    made = settle_in(write, thread)
    first = made.comments[0]
    moderation.decide(first, to="rejected", by=mona, seen=moderation.Seen("approved", 1), reason="other")
    moderation.decide(
        first, to="approved", by=mona, seen=moderation.Seen("rejected", 1), note="she writes as Carlotta does"
    )
    return made


def person_of(carlotta: Carlotta) -> owning.Person:
    return owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk))


def counts_hold() -> bool:
    """Whether the counters of all threads are what a count of the rows gives."""
    for thread in Thread.objects.all():
        public = Comment.objects.filter(thread=thread, status="approved")
        facets = FacetCount.objects.filter(thread=thread).aggregate(count=Sum("count"))["count"] or 0
        if (thread.comment_count, facets) != (public.count(), public.exclude(tag_mask=0).count()):
            return False
    for comment in Comment.objects.all():
        replies = Comment.objects.filter(parent=comment, status="approved").count()
        listed = comment.status == "approved" or replies > 0 or comment.descendant_count > 0
        likes = Recommendation.objects.filter(comment=comment).count()
        if (comment.reply_count, comment.recommendation_count, comment.is_listed) != (replies, likes, listed):
            return False
    return True


# --- Erase me, comments and all --------------------------------------------------------------------------------------


def test_nothing_of_somebody_erased_is_left_in_any_table(carlotta):
    before = traces(carlotta.secrets | {"words": WORDS})
    assert {what for _table, what in before} == {*carlotta.secrets, "words"} - {"address"}

    erasing.erase(person_of(carlotta), keep_comments=False)

    words = {f"words {comment.pk}": comment.text for comment in carlotta.comments if comment.text}
    assert traces(carlotta.secrets | words) == []


def test_what_was_done_is_said_in_numbers(carlotta):
    erased = erasing.erase(person_of(carlotta), keep_comments=False)

    assert erased == erasing.Erased(
        removed=5, kept=0, recommendations=1, reports=1, subscriptions=1, mails=0, addresses=1, browsers=1, quotes=0
    )


def test_every_row_that_stood_for_the_person_is_gone(carlotta):
    erasing.erase(person_of(carlotta), keep_comments=False)

    assert not Commenter.objects.filter(pk=carlotta.commenter.pk).exists()
    assert not Reader.objects.filter(pk=carlotta.reader.pk).exists()
    for model in (Recommendation, Subscription, Confirmation, ConfirmationRequest, Outbox, Notice):
        assert not model.objects.exists(), model
    assert not Submission.objects.filter(comment__in=carlotta.comments).exists()
    assert not TagAssignment.objects.filter(comment__in=carlotta.comments).exists()


def test_log_tallies_and_tombstones_hold(carlotta, thread):
    root, reply = carlotta.comments[:2]
    said = list(ModerationEvent.objects.order_by("pk").values_list("comment", "from_status", "to_status", "reason"))
    assert counts_hold()

    erasing.erase(person_of(carlotta), keep_comments=False)

    assert counts_hold()
    root.refresh_from_db()
    reply.refresh_from_db()
    assert (root.status, root.is_listed, reply.status, reply.is_listed) == ("withdrawn", True, "withdrawn", False)
    log = list(ModerationEvent.objects.order_by("pk").values_list("comment", "from_status", "to_status", "reason"))
    assert log[: len(said)] == said
    assert [row[1:3] for row in log[len(said) :]] == [
        ("approved", "withdrawn"),
        ("approved", "withdrawn"),
        ("rejected", "withdrawn"),
        ("spam", "withdrawn"),
        ("pending", "withdrawn"),
    ]
    assert not ModerationEvent.objects.exclude(note="").exists()


def test_others_keep_what_is_theirs(carlotta, write):
    others = list(Comment.objects.filter(author_name="Rita").order_by("pk"))
    erasing.erase(person_of(carlotta), keep_comments=False)

    kept = list(Comment.objects.filter(author_name="Rita").order_by("pk"))
    assert [(row.pk, row.text, row.status, row.commenter_id) for row in kept] == [
        (row.pk, row.text, row.status, row.commenter_id) for row in others
    ]
    assert kept[0].recommendation_count == 0


def test_a_report_stays_for_the_moderators_without_who_sent_it(carlotta):
    erasing.erase(person_of(carlotta), keep_comments=False)

    report = Report.objects.get()
    assert (report.reader, report.note, report.reason, report.resolved_at) == (None, "", "other", None)
    assert report.comment.report_count == 1


def test_every_cached_list_of_the_thread_is_out_of_date(carlotta, thread):
    thread.refresh_from_db()
    erasing.erase(person_of(carlotta), keep_comments=True)

    version = thread.version
    thread.refresh_from_db()
    assert thread.version > version


def test_a_reader_of_the_page_finds_no_name_in_the_very_next_answer(carlotta, client, thread):
    from newsroom.articles.models import Article

    Article.objects.create(slug="harbour", title="The harbour", body="It grows.", thread=thread)
    assert NAME in client.get(thread.url).content.decode()

    erasing.erase(person_of(carlotta), keep_comments=True)

    page = client.get(thread.url).content.decode()
    assert NAME not in page
    assert WORDS in page
    api = client.get(f"/api/v1/threads/{thread.pk}/comments/").content.decode()
    feed = client.get(f"/comments/threads/{thread.pk}/feed/").content.decode()
    assert NAME not in api + feed


# --- Erase me, comments kept -----------------------------------------------------------------------------------------


def test_kept_comments_stand_as_an_anonymous_persons(carlotta):
    erased = erasing.erase(person_of(carlotta), keep_comments=True)

    assert (erased.kept, erased.removed) == (5, 0)
    for comment in carlotta.comments[:5]:
        status, text = comment.status, comment.text
        comment.refresh_from_db()
        assert (comment.status, comment.text) == (status, text)
        assert (comment.author_name, comment.author_website, comment.is_confirmed) == ("", "", False)
        assert (comment.commenter, comment.reader, comment.user) == (None, None, None)
    assert traces(carlotta.secrets) == []
    assert counts_hold()


def test_the_colours_of_kept_comments_do_not_tie_them_together(carlotta, write, thread):
    for number in range(30):
        write(f"One more of many, number {number}.", reader=carlotta.reader, name=NAME, email=ADDRESS)

    erasing.erase(person_of(carlotta), keep_comments=True)

    assert len(set(Comment.objects.filter(author_name="").values_list("hue", flat=True))) > 1


def test_a_comment_that_was_withdrawn_before_comes_back_in_neither_way(carlotta):
    gone = carlotta.comments[5]
    erasing.erase(person_of(carlotta), keep_comments=True)

    gone.refresh_from_db()
    assert (gone.status, gone.text, gone.reader, gone.commenter) == ("withdrawn", "", None, None)


def test_what_a_member_of_staff_posted_from_this_browser_is_nobodys_any_more(write, carls_browser, mona):
    comment = write(reader=carls_browser, user=mona, name="mona", email="")
    erasing.erase(owning.of_browser(carls_browser), keep_comments=True)

    comment.refresh_from_db()
    assert (comment.user, comment.author_name) == (None, "")


# --- Addresses that were only typed ----------------------------------------------------------------------------------


def test_an_address_that_was_only_typed_goes_with_the_comments(write, thread):
    carlotta = settle_in(write, thread, is_confirmed=False)

    erasing.erase(person_of(carlotta), keep_comments=False)

    assert traces(carlotta.secrets) == []


def test_an_address_of_somebody_else_stays_theirs(write, carls_browser):
    write(reader=carls_browser)
    sams = browser("sam")
    write(reader=sams, name="Sam")  # under Carl's address

    erasing.erase(owning.of_browser(sams), keep_comments=False)

    commenter = Commenter.objects.get()
    assert list(Comment.objects.filter(commenter=commenter).values_list("reader", flat=True)) == [carls_browser.pk]


def test_erasing_gives_nobody_another_mail_to_a_strangers_address(carls_browser):
    request = confirming.ask(address="stranger@example.org", reader=carls_browser)
    confirming.settle(request.pk)
    assert Outbox.objects.count() == 1

    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)
    sams = browser("sam")
    again = confirming.ask(address="stranger@example.org", reader=sams)
    confirming.settle(again.pk)

    assert not Outbox.objects.exists()  # the first went with the erasure, and no second was queued
    assert Mailbox.objects.get().asked_count == 1
    erasing.erase(owning.of_browser(sams), keep_comments=False)
    assert not Commenter.objects.exists(), "what is left is a count, under a digest"
    assert Mailbox.objects.exists()


def test_who_has_confirmed_takes_the_count_along(carlotta, settings):
    request = confirming.ask(address=ADDRESS, reader=browser("sam"))
    confirming.settle(request.pk)
    assert Mailbox.objects.count() == 1

    erasing.erase(person_of(carlotta), keep_comments=False)

    assert not Mailbox.objects.exists()


def test_what_waits_for_a_typed_address_is_dropped_and_what_its_owner_wants_is_not(write, carls_browser, thread):
    owner = browser("owner")
    commenter = Commenter.objects.get(pk=write(reader=owner, email="owner@example.org").commenter_id)
    confirm(commenter, owner)
    wanted = subscribing.subscribe(subscribing.Wish(thread), reader=owner)
    subscribing.subscribe(subscribing.Wish(thread), reader=carls_browser, address="owner@example.org")

    erasing.erase(owning.of_browser(carls_browser), keep_comments=False)

    assert list(Subscription.objects.all()) == [wanted]


# --- The operator's way ----------------------------------------------------------------------------------------------


def test_by_address_everything_of_somebody_who_never_confirmed_is_found(write, thread):
    carlotta = settle_in(write, thread, is_confirmed=False)

    erased = erasing.erase(owning.of_address(ADDRESS.upper()), keep_comments=False)

    assert (erased.removed, erased.recommendations, erased.reports, erased.browsers) == (5, 1, 1, 1)
    assert traces(carlotta.secrets) == []


def test_by_address_an_address_to_which_a_mail_went_is_gone_at_once(carls_browser):
    confirming.settle(confirming.ask(address=ADDRESS, reader=carls_browser).pk)

    erasing.erase(owning.of_address(ADDRESS), keep_comments=False)

    assert not Commenter.objects.exists()


# --- Others who quote ------------------------------------------------------------------------------------------------

QUOTES = {
    "in a quotation": "> The dredger left a plume of silt\n\nNo it did not.",
    "in the text": "As was said, a plume of SILT behind the breakwater – really?",
    "by name": "I agree with Carlotta Quayside on this.",
}
NO_QUOTES = {
    "four words alone": "The dredger left a mess.",
    "a part of a name": "Carlotta Quaysides are many.",
    "older": None,
}


@pytest.mark.parametrize("text", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("status", ["approved", "pending"])
def test_who_quotes_waits_in_the_queue_of_reports(text, status, carlotta, write):
    quoting = write(text, status=status, name="Ida", email="ida@example.org")

    erased = erasing.erase(person_of(carlotta), keep_comments=False)

    assert erased.quotes == 1
    report = Report.objects.get(comment=quoting)
    assert (report.reason, report.reader, report.note, report.resolved_at) == ("erased_quote", None, "", None)
    assert quoting in Comment.objects.in_queue("reported")


@pytest.mark.parametrize("text", NO_QUOTES.values(), ids=NO_QUOTES)
def test_who_does_not_quote_is_left_alone(text, write, thread):
    if text is None:
        write(QUOTES["in the text"], name="Ida", email="ida@example.org")
    carlotta = settle_in(write, thread)
    if text is not None:
        write(text, name="Ida", email="ida@example.org")

    assert erasing.erase(person_of(carlotta), keep_comments=False).quotes == 0


def test_where_comments_stay_only_names_give_somebody_away(carlotta, write):
    for text in QUOTES.values():
        write(text, name="Ida", email="ida@example.org")

    assert erasing.erase(person_of(carlotta), keep_comments=True).quotes == 1


def test_a_short_name_is_too_common_to_look_for(write, carls_browser):
    write(reader=carls_browser, name="Bo")
    write("Bo knows.", name="Ida", email="ida@example.org")

    assert erasing.erase(owning.of_browser(carls_browser), keep_comments=True).quotes == 0


def test_other_threads_are_not_searched(carlotta, write, db):
    elsewhere = Thread.objects.create(key="lock", title="The lock", url="/articles/lock/", mode="publish")
    write(QUOTES["by name"], thread=elsewhere, name="Ida", email="ida@example.org")

    assert erasing.erase(person_of(carlotta), keep_comments=False).quotes == 0


def test_one_decision_settles_it(carlotta, write, mona):
    quoting = write(QUOTES["by name"], name="Ida", email="ida@example.org")
    erasing.erase(person_of(carlotta), keep_comments=False)

    moderation.decide(quoting, to="approved", by=mona, seen=moderation.Seen("approved", 1))

    quoting.refresh_from_db()
    assert quoting.report_count == 0
    assert Report.objects.get(comment=quoting).resolved_at is not None


# --- Crashes, repetition, signals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("step", range(1, 15))
def test_a_crash_at_any_step_is_finished_by_a_second_run(step, keep, carlotta, write, monkeypatch):
    write(QUOTES["by name"], name="Ida", email="ida@example.org")
    monkeypatch.setattr(erasing, "BATCH", 2)
    steps = 0

    def crash_at(done):
        def stepping(*args, **kwargs):
            nonlocal steps
            steps += 1
            if steps == step:
                raise KeyboardInterrupt
            return done(*args, **kwargs)

        return stepping

    with monkeypatch.context() as patch:
        patch.setattr(tallies, "lock", crash_at(tallies.lock))
        patch.setattr(erasing, "_erase_batch", crash_at(erasing._erase_batch))
        patch.setattr(erasing, "_delete_unused", crash_at(erasing._delete_unused))
        patch.setattr(erasing, "_delete_readers", crash_at(erasing._delete_readers))
        try:
            erasing.erase(person_of(carlotta), keep_comments=keep)
        except KeyboardInterrupt:
            pass
        else:
            pytest.fail(f"only {steps} steps")
    assert counts_hold()

    erasing.erase(person_of(carlotta), keep_comments=keep)

    secrets = {key: value for key, value in carlotta.secrets.items() if key != "name"}
    assert traces(secrets) == []
    assert {table for table, _ in traces({"name": NAME})} <= {"comments_comment"}  # Ida's words, which wait
    assert Report.objects.filter(reason="erased_quote").count() == 1
    assert counts_hold()


def test_a_second_run_changes_nothing_more(carlotta):
    person = person_of(carlotta)
    erasing.erase(person, keep_comments=False)
    tables = dump()

    assert erasing.erase(person, keep_comments=False) == erasing.Erased()
    assert dump() == tables


# --- Withdraw --------------------------------------------------------------------------------------------------------


def test_one_comment_can_be_withdrawn_long_after_the_window(carlotta, settings):
    settings.COMMENTS = {**settings.COMMENTS, "EDIT_WINDOW": 0}
    comment = carlotta.comments[0]

    assert erasing.withdraw(person_of(carlotta), [comment.pk]) == 1

    comment.refresh_from_db()
    assert (comment.status, comment.text, comment.author_name, comment.is_listed) == ("withdrawn", "", "", True)
    assert comment.events.first().actor == "author"
    assert carlotta.comments[1].author_name == NAME
    assert counts_hold()


def test_all_can_be_withdrawn_at_once_and_twice_is_once(carlotta):
    assert erasing.withdraw(person_of(carlotta)) == 5
    assert erasing.withdraw(person_of(carlotta)) == 0
    assert set(owning.comments_of(person_of(carlotta)).values_list("status", flat=True)) == {Status.WITHDRAWN}


def test_somebody_elses_comment_cannot_be_withdrawn(carlotta):
    other = Comment.objects.filter(author_name="Rita").first()

    with pytest.raises(Refusal, match="no such comment"):
        erasing.withdraw(person_of(carlotta), [other.pk])

    other.refresh_from_db()
    assert other.status == "approved"


# --- Correct my name -------------------------------------------------------------------------------------------------


def test_a_corrected_name_stands_on_every_comment(carlotta, thread):
    thread.refresh_from_db()

    assert erasing.rename(person_of(carlotta), "  Lotte   Quay ") == 5

    names = set(owning.comments_of(person_of(carlotta)).exclude(status="withdrawn").values_list("author_name"))
    assert names == {("Lotte Quay",)}
    version = thread.version
    thread.refresh_from_db()
    assert thread.version > version
    assert Comment.objects.filter(author_name="Rita").count() == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (" ", "Please give a name"),
        ("\u200b", "Please give a name"),
        ("x" * 61, "at most 60"),
        ("Editor", "reserved"),
        ("m0na", "reserved"),
        ("Foulmouth", "cannot be taken"),
    ],
)
def test_a_name_that_could_not_be_posted_under_is_refused(name, sentence, carlotta, settings):
    cache.clear()
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ["foulmouth"]}

    with pytest.raises(InvalidFields, match=sentence) as refused:
        erasing.rename(person_of(carlotta), name)

    assert list(refused.value.fields) == ["name"]
    assert not Comment.objects.filter(author_name=name).exists()


def test_what_staff_posted_as_such_keeps_its_name(write, carls_browser, mona):
    comment = write(reader=carls_browser, user=mona, name="mona", email="")

    assert erasing.rename(owning.of_browser(carls_browser), "Carl the Second") == 0

    comment.refresh_from_db()
    assert comment.author_name == "mona"


def test_a_comment_posted_while_somebody_is_erased_goes_as_well(carlotta, write, monkeypatch):
    done = erasing._report_quotes
    posted = []

    def post_meanwhile(*args, **kwargs):
        done(*args, **kwargs)
        if not posted:
            posted.append(write("Just now.", reader=carlotta.reader, name=NAME, email=ADDRESS))

    monkeypatch.setattr(erasing, "_report_quotes", post_meanwhile)
    erasing.erase(person_of(carlotta), keep_comments=False)

    assert traces(carlotta.secrets) == []


def test_whoever_was_erased_can_come_back_as_somebody_new(carlotta, write):
    erasing.erase(person_of(carlotta), keep_comments=False)

    comment = write(name=NAME, email=ADDRESS)

    assert comment.commenter_id != carlotta.commenter.pk
    assert posting.new_reader()[0].commenter_ids == frozenset()


@pytest.mark.parametrize("keep", [True, False])
def test_what_the_log_says_in_words_goes_and_what_was_decided_stays(keep, write, mona, carls_browser):
    comment = write("My own words on silt.", reader=carls_browser, status="pending")
    seen = moderation.Seen("pending", 1)
    moderation.decide(comment, to="rejected", by=mona, seen=seen, reason="abuse", note="as ever", message="Dear Carl")
    event = ModerationEvent.objects.create(
        comment=comment, action="edit", actor="moderator", by=mona, original="My own words on silt.", revision=1
    )
    erasing.erase(owning.of_browser(carls_browser), keep_comments=keep)
    rows = ModerationEvent.objects.filter(comment=comment)
    assert event in rows
    assert set(rows.values_list("note", "message", "original")) == {("", "", "")}
    assert rows.filter(to_status="rejected", reason="abuse", by=mona).exists()


def test_withdrawing_takes_the_words_that_staff_replaced_along(write, mona, carls_browser):
    comment = write("My own words on silt.", reader=carls_browser)
    ModerationEvent.objects.create(
        comment=comment, action="edit", actor="moderator", by=mona, original="My own words on silt.", revision=1
    )
    erasing.withdraw(owning.of_browser(carls_browser), [comment.pk])
    assert not ModerationEvent.objects.exclude(original="").exists()
