"""Posting: what is stored, what is refused and where, and that an attempt posts once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from comments import posting, privacy, retention
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Commenter, ModerationEvent, Reader, Submission, Thread
from comments.posting import Origin, post

pytestmark = pytest.mark.django_db

GOOD = {"body": "The bay **silts** up.", "name": "Carl", "email": "carl@example.org"}


def draft(**fields) -> Draft:
    return Draft(**{**GOOD, **fields})


def faults(thread, origin=None, **fields) -> dict[str, list]:
    with pytest.raises(InvalidFields) as refused:
        post(thread, draft(**fields), origin or Origin())
    assert refused.value.status == 422
    return refused.value.fields


def test_a_comment_is_stored_rendered_counted_and_public(thread):
    done = post(thread, draft(website="example.org"), Origin())
    comment = Comment.objects.get()
    thread.refresh_from_db()
    assert done.comment == comment
    assert done.is_new
    assert (comment.status, comment.revision, comment.depth, comment.is_listed) == ("approved", 1, 0, True)
    assert comment.body == "The bay **silts** up."
    assert comment.html == "<p>The bay <strong>silts</strong> up.</p>"
    assert comment.text == "The bay silts up."
    assert (comment.author_name, comment.author_website) == ("Carl", "https://example.org")
    assert thread.comment_count == 1
    assert not ModerationEvent.objects.exists()


def test_posting_makes_a_browser_known_once(thread):
    first = post(thread, draft(), Origin())
    assert first.cookie
    reader = Reader.objects.get()
    assert reader.cookie_digest == privacy.reader_digest(first.cookie)
    again = post(thread, draft(body="Another remark."), Origin(reader=reader))
    assert again.cookie == ""
    assert again.comment.reader == reader
    assert again.comment.hue == reader.hue


def test_everything_untrusted_is_reset(thread):
    comment = post(thread, draft(), Origin()).comment
    comment.refresh_from_db()
    assert (comment.recommendation_count, comment.report_count, comment.tag_mask, comment.tagged_revision) == (
        0,
        0,
        0,
        0,
    )
    assert (comment.user, comment.reason, comment.edited_at) == (None, "", None)


def test_all_faults_are_told_at_once_each_at_its_field(thread):
    found = faults(thread, body=" ", name="", email="nonsense", website="not a website", parent=12345)
    assert set(found) == {"body", "name", "email", "website", "parent"}
    assert all(len(sentences) == 1 and str(sentences[0]) for sentences in found.values())
    assert not Comment.objects.exists()
    assert not Commenter.objects.exists()
    assert not Submission.objects.exists()
    assert not Reader.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "   ", "\n\t\n", "\x00\x01", "\u200b\u200b", "\u2800", "\u202e\u202c", "> ", "\ud800", "- "]
)
def test_a_body_without_anything_to_read_is_refused(body, thread):
    assert list(faults(thread, body=body)) == ["body"]


def test_a_body_is_refused_by_one_character_too_many(thread, settings):
    settings.COMMENTS = {**settings.COMMENTS, "MAX_LENGTH": 20}
    assert post(thread, draft(body="x" * 20), Origin()).is_new
    (sentence,) = faults(thread, body="y" * 21)["body"]
    assert "by 1 character." in sentence
    (sentence,) = faults(thread, body="y" * 25)["body"]
    assert "by 5 characters." in sentence


def test_the_refusals_speak_the_readers_language(thread):
    with translation.override("uk"):
        assert str(faults(thread, name="")["name"][0])


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u202e", "\x00", "\u200d", "\u3164", "\u2800"])
def test_a_name_is_needed(name, thread):
    assert list(faults(thread, name=name)) == ["name"]


@pytest.mark.parametrize("name", ["carl@example.org", " Carl.News+x@Example.org ", "карл@приклад.укр"])
def test_a_name_that_is_an_address_is_not_published(name, thread):
    assert "email address" in str(faults(thread, name=name)["name"][0])


def test_a_name_is_refused_by_one_character_too_many(thread):
    assert post(thread, draft(name="n" * 60), Origin()).is_new
    assert list(faults(thread, name="n" * 61)) == ["name"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Carl   O'Hara ", "Carl O'Hara"),
        ("Ca\u202erl", "Carl"),
        ("Ca\x00rl\r\nBcc: x", "Carl Bcc: x"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Ca\u200brl\ufeff", "Carl"),
        ("<b>Carl</b>", "<b>Carl</b>"),
        ("\ud800Carl", "Carl"),
    ],
)
def test_a_name_is_stored_as_it_looks(typed, stored, thread):
    assert post(thread, draft(name=typed), Origin()).comment.author_name == stored


ACCEPTED = [
    "carl@example.org",
    "Carl.O'Hara+news@Mail.Example.ORG",
    "a@b.co",
    "пошта@приклад.укр",
    "संपर्क@डाटामेल.भारत",
    "用户@例子.中国",
    "jose\u0301@example.org",
    "ünï@straße.example",
    "x@xn--e1afmkfd.xn--j1amh",
    "  carl@example.org ",
]
REFUSED = [
    "",
    " ",
    "carl",
    "carl@",
    "@example.org",
    "carl@example",
    "carl@@example.org",
    "carl@exam ple.org",
    "carl example.org",
    "carl@.org",
    ".carl@example.org",
    "carl.@example.org",
    "ca..rl@example.org",
    "carl@-example.org",
    "carl@example.org\nBcc: rita@example.org",
    "carl@example.org, rita@example.org",
    "carl\x00@example.org",
    "\ud800@example.org",
    "carl@exa\ud800mple.org",
    "ca\u202erl@example.org",
    "ca\u200brl@example.org",
    "<carl@example.org>",
    "x" * 250 + "@example.org",
    "carl@" + "x" * 64 + ".org",
]


@pytest.mark.parametrize("email", ACCEPTED)
def test_an_address_that_can_exist_is_accepted(email, thread):
    commenter = post(thread, draft(email=email), Origin()).comment.commenter
    assert privacy.open_address(commenter) == email.strip()


@pytest.mark.parametrize("email", REFUSED)
def test_an_odd_address_is_refused_at_its_field(email, thread):
    assert list(faults(thread, email=email)) == ["email"]
    assert not Commenter.objects.exists()


@pytest.mark.parametrize(
    "website", ["", " ", "example.org", "http://example.org/a?b#c", "https://приклад.укр", "HTTPS://EXAMPLE.org"]
)
def test_a_website_is_optional(website, thread):
    stored = post(thread, draft(website=website), Origin()).comment.author_website
    assert stored == "" if not website.strip() else stored.lower().startswith("http")


@pytest.mark.parametrize(
    "website",
    [
        "javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "data:text/html,<b>",
        "vbscript:x",
        "mailto:carl@example.org",
        "ftp://example.org",
        "//example.org",
        "https://",
        "https://user:secret@example.org",
        "https://example.org\\@evil.example",
        "https://exam\u202eple.org",
        "localhost",
        'https://example.org/"onmouseover="x',
        "https://example.org/" + "x" * 300,
        "https://example.org:port/",
    ],
)
def test_a_website_that_is_none_is_refused(website, thread):
    assert list(faults(thread, website=website)) == ["website"]


# --- What it answers -------------------------------------------------------------------------------------------------


def test_a_reply_hangs_on_what_it_answers(write):
    root = write()
    reply = write(parent=root)
    deeper = write(parent=reply)
    assert (reply.parent, reply.root, reply.depth, reply.ordinal) == (root, root, 1, 1)
    assert (deeper.parent, deeper.root, deeper.depth, deeper.ordinal) == (reply, root, 2, 2)
    root.refresh_from_db()
    assert (root.reply_count, root.descendant_count) == (1, 2)


def test_a_comment_of_another_thread_cannot_be_answered(thread, write):
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    assert list(faults(thread, parent=write(thread=elsewhere).pk)) == ["parent"]


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_is_not_public_cannot_be_answered(status, thread, write):
    assert list(faults(thread, parent=write(status=status).pk)) == ["parent"]


@pytest.mark.parametrize("parent", [0, -1, 10**9, 2**63, 10**30])
def test_a_number_that_names_nothing_cannot_be_answered(parent, thread):
    assert list(faults(thread, parent=parent)) == ["parent"]


# --- Once ------------------------------------------------------------------------------------------------------------


def test_the_same_attempt_posts_once(thread):
    first = post(thread, draft(), Origin(key="k1"))
    again = post(thread, draft(), Origin(key="k1"))
    assert again.comment == first.comment
    assert not again.is_new
    assert Comment.objects.count() == Submission.objects.count() == 1


def test_a_browser_that_lost_the_first_answer_gets_its_comment_with_the_second(thread):
    lost = post(thread, draft(), Origin(key="k1"))
    again = post(thread, draft(), Origin(key="k1"))
    reader = Reader.objects.get(cookie_digest=privacy.reader_digest(again.cookie))
    assert reader != lost.comment.reader
    assert posting.edit(again.comment, body="Better words.", reader=reader).revision == 2
    # With its cookie a browser repeats itself without getting another.
    assert post(thread, draft(), Origin(key="k1", reader=reader)).cookie == ""


@pytest.mark.parametrize("field", ["body", "name", "email", "website"])
def test_a_key_does_not_stand_for_another_text(field, thread):
    post(thread, draft(), Origin(key="k1"))
    other = {"body": "Other words.", "name": "Karl", "email": "karl@example.org", "website": "example.org"}[field]
    with pytest.raises(Refusal) as refused:
        post(thread, draft(**{field: other}), Origin(key="k1"))
    assert (refused.value.code, refused.value.status) == ("key_reused", 422)
    assert Comment.objects.count() == 1


def test_a_key_does_not_stand_for_another_thread(thread):
    post(thread, draft(), Origin(key="k1"))
    with pytest.raises(Refusal):
        post(Thread.objects.create(key="elsewhere", mode="publish"), draft(), Origin(key="k1"))


def test_an_attempt_that_was_refused_leaves_its_key_free(thread):
    with pytest.raises(InvalidFields):
        post(thread, draft(body=""), Origin(key="k1"))
    assert post(thread, draft(), Origin(key="k1")).is_new


def test_an_attempt_that_lost_a_race_gets_the_winners_comment(thread, monkeypatch):
    winner = post(thread, draft(), Origin(key="k1")).comment
    answers = iter([None, winner])
    monkeypatch.setattr(posting, "_earlier", lambda key, payload: next(answers))
    done = post(thread, draft(), Origin(key="k1"))
    assert done.comment == winner
    assert not done.is_new
    assert Comment.objects.count() == 1


def test_an_error_of_the_database_that_is_no_race_is_not_swallowed(thread, monkeypatch):
    def fail(_):
        raise IntegrityError("disk full, say")

    monkeypatch.setattr(posting._NEW_SUBMISSION, "add", fail)
    with pytest.raises(IntegrityError):
        post(thread, draft(), Origin())
    assert not Comment.objects.exists()


def test_a_clients_key_cannot_block_the_comment_of_somebody_without_one(thread):
    last = post(thread, draft(), Origin()).comment.pk
    for number in range(last + 1, last + 4):
        for key in (str(number), f"comment {number}", f"attempt {number}"):
            post(thread, draft(body=f"Claims {key}."), Origin(key=key))
    for number in range(9):
        assert post(thread, draft(body=f"Nothing said of keys, {number}."), Origin()).is_new


def test_keys_are_stored_as_digests(thread):
    post(thread, draft(), Origin(key="a-very-secret-key", client_digest="c" * 32))
    row = Submission.objects.get()
    assert "secret" not in row.key
    assert len(row.key) == 64


def test_an_attempt_without_a_name_has_none(thread):
    for number in range(2):
        post(thread, draft(body=f"Nothing said of keys, {number}."), Origin())
    assert list(Submission.objects.values_list("key", flat=True)) == [None, None]


def test_submissions_are_forgotten_and_their_comments_are_not(thread):
    post(thread, draft(), Origin(key="k1"))
    Submission.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
    assert retention.sweep()["submissions"] == 0
    Submission.objects.update(created_at=timezone.now() - timedelta(days=7, hours=1))
    assert retention.sweep()["submissions"] == 1
    assert Comment.objects.count() == 1


# --- Staff, and the cost ---------------------------------------------------------------------------------------------


def test_staff_need_no_address_and_may_carry_a_reserved_name(thread, mona):
    thread.mode = "hold_all"
    comment = post(thread, draft(name="Editor", email=""), Origin(user=mona)).comment
    assert (comment.status, comment.is_staff, comment.commenter) == ("approved", True, None)


def test_posting_costs_the_same_in_a_long_thread(thread, write, carls_browser):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            write(reader=carls_browser)
        return len(queries)

    write(reader=carls_browser)
    few = cost()
    for _ in range(50):
        write(reader=carls_browser)
    assert cost() == few
