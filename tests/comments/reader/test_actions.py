"""Recommending, reporting, and asking why a comment carries a tag."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from comments import moderation, tagging
from comments.models import READERS_REASONS, Comment, Recommendation, Report, TagSuggestion
from comments.tagging import MachineTag
from tests.comments.reader.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("article")]
URL = "/articles/harbour/"
HTMX = {"HX-Request": "true"}


def pressed(page: Any) -> list[str]:
    return [button.get("data-comment") for button in page.root.iter("button") if button.get("aria-pressed") == "true"]


# --- Recommending


def test_a_recommendation_is_given_once_and_taken_back(write: Any, rita: Client, carl: Client, read: Any) -> None:
    comment = write()
    url = f"/comments/{comment.pk}/recommend/"

    answer = rita.post(url)

    assert (answer.status_code, answer["Location"]) == (303, url)
    assert "You recommend this comment" in read(rita, url).text
    assert "1 reader recommends it." in read(carl, url).text
    assert pressed(read(rita, URL)) == [str(comment.pk)]
    assert pressed(read(carl, URL)) == []
    assert words(read(carl, URL).classed("lar-recommend")[0]) == "Recommend 1"

    rita.post(url)

    comment.refresh_from_db()
    assert comment.recommendation_count == Recommendation.objects.count() == 0
    assert pressed(read(rita, URL)) == []


def test_two_readers_recommend_twice(write: Any, rita: Client, sam: Client) -> None:
    comment = write()
    for client in (rita, sam):
        client.post(f"/comments/{comment.pk}/recommend/")

    comment.refresh_from_db()
    assert comment.recommendation_count == 2


def test_htmx_gets_the_button(write: Any, rita: Client) -> None:
    answer = rita.post(f"/comments/{write().pk}/recommend/", headers=HTMX)

    assert answer.status_code == 200
    assert b'aria-pressed="true"' in answer.content
    assert b"<html" not in answer.content


def test_nobody_recommends_their_own(carl: Client, typed: dict[str, str], send: Any, parse: Any) -> None:
    send(carl, typed)
    comment = Comment.objects.get()

    answer = carl.post(f"/comments/{comment.pk}/recommend/")

    page = parse(answer)
    assert answer.status_code == 403
    assert "You cannot recommend your own comment." in page.text
    assert page.links("Back to the discussion")
    assert not Recommendation.objects.exists()


def test_recommending_sets_the_one_cookie(write: Any, rita: Client) -> None:
    rita.post(f"/comments/{write().pk}/recommend/")

    assert list(rita.cookies) == ["reader"]
    assert rita.cookies["reader"]["httponly"]


@pytest.mark.parametrize("action", ["recommend", "report"])
@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_is_not_public_is_not_found(action: str, status: str, write: Any, rita: Client) -> None:
    comment = write(status=status)

    assert rita.get(f"/comments/{comment.pk}/{action}/").status_code == 404
    assert rita.post(f"/comments/{comment.pk}/{action}/", {"reason": "spam"}).status_code == 404
    assert not rita.cookies


@pytest.mark.parametrize("action", ["recommend", "report"])
def test_another_sites_page_does_neither(action: str, write: Any, rita: Client) -> None:
    comment = write()

    answer = rita.post(
        f"/comments/{comment.pk}/{action}/", {"reason": "spam"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403
    assert not Recommendation.objects.exists()
    assert not Report.objects.exists()


# --- Reporting


def test_a_report_has_a_reason_and_a_note(write: Any, rita: Client, parse: Any, read: Any) -> None:
    comment = write()
    url = f"/comments/{comment.pk}/report/"
    page = read(rita, url)
    assert [field.get("value") for field in page.root.iter("input") if field.get("name") == "reason"] == [
        value for value, _label in READERS_REASONS
    ]

    answer = rita.post(url, {"reason": "off_topic", "note": "It is about fish."})

    report = Report.objects.get()
    comment.refresh_from_db()
    assert (report.comment, report.reason, report.note) == (comment, "off_topic", "It is about fish.")
    assert comment.report_count == 1
    assert "The moderators will look at this comment." in parse(answer).text
    assert comment.status == "approved"
    assert "fish" not in read(rita, URL).text


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"note": "Fish."}, "reason", "Please choose a reason."),
        ({"reason": "boring", "note": "Fish."}, "reason", "Please choose a reason."),
        ({"reason": "abuse", "note": "x" * 501}, "note", "Please shorten your note to 500 characters."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_faulty_report_keeps_what_was_typed(
    fields: dict[str, str], field: str, sentence: str, headers: dict[str, str], write: Any, rita: Client
) -> None:
    comment = write()

    answer = rita.post(f"/comments/{comment.pk}/report/", fields, headers=headers)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'id="lar-{field}-error-{comment.pk}"' in text
    assert sentence in text
    assert f"{fields['note']}</textarea>" in text
    assert text.count(" checked") == (field == "note")
    assert not Report.objects.exists()


def test_reporting_again_changes_the_first_report(write: Any, rita: Client) -> None:
    comment = write()
    for reason in ("spam", "abuse"):
        rita.post(f"/comments/{comment.pk}/report/", {"reason": reason})

    comment.refresh_from_db()
    assert comment.report_count == 1
    assert Report.objects.get().reason == "abuse"


# --- Why


@pytest.fixture
def tagged(write: Any, tags: dict[str, Any]) -> Comment:
    comment = write("The port may dredge & deepen the <channel> and nobody asked.")
    start = comment.text.index("dredge")
    end = comment.text.index("<channel>")
    tagging.assign_by_machine(
        comment,
        revision=1,
        tags=[MachineTag("dredging", 0.934, is_sure=True, evidence=((start, start + 6), (end, end + 9)))],
    )
    return Comment.objects.get(pk=comment.pk)


def test_the_words_that_led_to_a_tag_are_marked(tagged: Comment, rita: Client, read: Any) -> None:
    chip = read(rita, URL).classed("lar-tag")[0]
    assert words(chip) == "The dredging licence · machine, 93 %"
    assert chip.get("title") == "Why this tag? · machine, 93 %"

    page = read(rita, chip.get("href"))

    assert [mark.text for mark in page.root.iter("mark")] == ["dredge", "<channel>"]
    assert words(page.classed("lar-evidence")[0]) == tagged.text
    assert "Tagged by the machine, which is 93 % sure" in page.text
    assert "The comment mentions “dredge”, “<channel>”." in page.text
    assert "which side it takes" not in page.text
    assert "Whether the port may dredge the channel." in page.text
    assert [link.get("href") for link in page.links("Show all comments")] == [f"{URL}?tag=dredging#discussion"]


def test_a_person_has_the_last_word(tagged: Comment, tags: dict[str, Any], ed: User, rita: Client, read: Any) -> None:
    tagging.correct(tagged, tags["dredging"], applies=True, by=ed)
    tagging.correct(tagged, tags["expand"], applies=True, by=ed)

    page = read(rita, f"/comments/{tagged.pk}/tags/dredging/")
    assert "Confirmed by an editor." in page.text
    assert words(read(rita, URL).classed("lar-tag")[0]) == "The dredging licence · confirmed by an editor"
    assert [mark.text for mark in page.root.iter("mark")] == ["dredge", "<channel>"]
    assert "ed" not in words(page.classed("lar-why")[0]).split()

    page = read(rita, f"/comments/{tagged.pk}/tags/expand/")
    assert "Nobody marked single words." in page.text
    assert "This tag says what the comment talks about, not which side it takes." in page.text
    assert "fewer than three times" not in page.text


def test_a_position_that_nobody_has_corrected_says_so(
    tagged: Comment, tags: dict[str, Any], write: Any, ed: User, rita: Client, read: Any
) -> None:
    tagging.assign_by_machine(tagged, revision=1, tags=[MachineTag("expand", 0.71, is_sure=True)])
    url = f"/comments/{tagged.pk}/tags/expand/"
    assert "corrected this tag fewer than three times so far" in read(rita, url).text
    for _ in range(3):
        tagging.correct(write(), tags["expand"], applies=True, by=ed)
    assert "fewer than three times" not in read(rita, url).text


def test_a_tag_that_a_person_took_away_has_no_reason(
    tagged: Comment, tags: dict[str, Any], ed: User, rita: Client, read: Any
) -> None:
    tagging.correct(tagged, tags["dredging"], applies=False, by=ed)

    assert not read(rita, URL).classed("lar-tag")
    assert rita.get(f"/comments/{tagged.pk}/tags/dredging/").status_code == 404


@pytest.mark.parametrize("slug", ["jobs", "nothing"])
def test_a_tag_that_the_comment_does_not_carry_is_not_found(slug: str, tagged: Comment, rita: Client) -> None:
    assert rita.get(f"/comments/{tagged.pk}/tags/{slug}/").status_code == 404


def test_why_is_a_piece_to_htmx_and_no_cache_mixes_the_two(tagged: Comment, rita: Client) -> None:
    answer = rita.get(f"/comments/{tagged.pk}/tags/dredging/", headers=HTMX)

    assert b"<html" not in answer.content
    assert b"<mark>dredge</mark>" in answer.content
    assert "HX-Request" in answer["Vary"]


def test_the_tags_of_a_comment_that_is_not_public_are_not_shown(tagged: Comment, mona: User, rita: Client) -> None:
    moderation.decide(tagged, to="spam", by=mona, seen=moderation.Seen("approved", 1))

    assert rita.get(f"/comments/{tagged.pk}/tags/dredging/").status_code == 404


# --- Wrong tag? ------------------------------------------------------------------------------------------------------


WRONG = "/comments/{}/tags/dredging/wrong/"


def test_a_reader_suggests_once_that_a_tag_is_wrong_and_may_take_it_back(
    tagged: Comment, rita: Client, read: Any
) -> None:
    page = read(rita, f"/comments/{tagged.pk}/tags/dredging/")
    (form,) = page.classed("lar-wrong")
    assert form.get("action") == WRONG.format(tagged.pk)
    before = Comment.objects.get(pk=tagged.pk)

    for _ in range(2):
        answer = rita.post(form.get("action"))
        assert answer.status_code == 200
        assert "An editor will look at this tag." in answer.text
        assert "private" in answer["Cache-Control"]

    suggestion = TagSuggestion.objects.get()
    assert (suggestion.comment, suggestion.tag.slug, suggestion.settled_at) == (tagged, "dredging", None)
    assert "Take it back" in rita.get(form.get("action")).text
    assert Comment.objects.get(pk=tagged.pk).tag_mask == before.tag_mask
    assert "Taken back." in rita.post(form.get("action"), {"take_back": "1"}).text
    assert not TagSuggestion.objects.exists()


def test_two_readers_suggest_the_same(tagged: Comment, rita: Client, sam: Client) -> None:
    for client in (rita, sam):
        client.post(WRONG.format(tagged.pk))
    assert TagSuggestion.objects.count() == 2


@pytest.mark.parametrize("applies", [True, False])
def test_a_persons_word_settles_it_and_it_stays_settled(
    tagged: Comment, tags: dict[str, Any], ed: User, rita: Client, applies: bool
) -> None:
    rita.post(WRONG.format(tagged.pk))
    tagging.correct(tagged, tags["jobs"], applies=False, by=ed)
    assert TagSuggestion.objects.get().settled_at is None
    tagging.correct(tagged, tags["dredging"], applies=applies, by=ed)
    assert TagSuggestion.objects.get().settled_at is not None
    rita.post(WRONG.format(tagged.pk), {"take_back": "1"})
    assert TagSuggestion.objects.get().settled_at is not None
    assert "An editor has looked at this tag" in rita.get(WRONG.format(tagged.pk)).text


def test_a_suggestion_is_a_piece_to_htmx(tagged: Comment, rita: Client) -> None:
    answer = rita.post(WRONG.format(tagged.pk), headers=HTMX)
    assert answer.text.startswith("<form")


@pytest.mark.parametrize("url", ["/comments/{}/tags/jobs/wrong/", "/comments/{}/tags/nothing/wrong/"])
def test_a_tag_that_is_not_there_cannot_be_doubted(url: str, tagged: Comment, rita: Client) -> None:
    assert rita.post(url.format(tagged.pk)).status_code == 404
    assert not TagSuggestion.objects.exists()


def test_another_site_cannot_suggest(tagged: Comment, rita: Client) -> None:
    answer = rita.post(WRONG.format(tagged.pk), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not TagSuggestion.objects.exists()


def test_a_flood_of_new_browsers_is_refused(tagged: Comment, settings: Any) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "NEW_READERS": 2}
    statuses = [Client().post(WRONG.format(tagged.pk)).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert TagSuggestion.objects.count() == 2


@pytest.mark.parametrize("path", ["threads/{thread}/post/", "mine/", "{comment}/edit/", "mail/confirm/x:y:z/"])
def test_a_method_that_a_page_does_not_take_is_refused_in_words(
    path: str, rita: Client, write: Any, settings: Any
) -> None:
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}
    comment = write()
    answer = rita.put("/comments/" + path.format(thread=comment.thread_id, comment=comment.pk))
    assert answer.status_code == 405
    assert f"This address takes {answer['Allow']}." in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
