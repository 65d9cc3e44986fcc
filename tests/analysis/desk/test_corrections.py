"""The queues of the editors' desk, and their say in tags, thresholds and models."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis import doubts, learning, readings
from analysis.models import Definition, LearnedModel, ModelChange, TaggingRun
from comments import moderation, suggesting, tagging
from comments.models import Comment, Reader, Tag, TagAssignment, TagSuggestion, Thread
from comments.tagging import MachineTag
from tests.analysis.test_learning import DREDGING, OTHER

Write = Callable[..., Comment]
UNCERTAIN, SUGGESTIONS = "/desk/editors/uncertain/", "/desk/editors/suggestions/"


@pytest.fixture
def unsure(write: Write, tags: dict[str, Tag]) -> Callable[..., Comment]:
    """A comment on which the tagger cannot decide."""

    def make(*slugs: str, **fields: Any) -> Comment:
        comment = write(**fields)
        said = [MachineTag(slug, 0.42, False, ((0, 6),)) for slug in slugs or ("dredging",)]
        tagging.assign_by_machine(comment, revision=1, tags=said)
        TaggingRun.objects.create(comment=comment, revision=1, tagger="test 1", outcome="uncertain")
        return comment

    return make


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article class="desk-card doubt" id="c-(\d+)"', page)]


def words() -> set[tuple[str, str]]:
    return set(TagAssignment.objects.filter(source="person").values_list("tag__slug", "verdict"))


# --- Cannot decide ---------------------------------------------------------------------------------------------------


def test_an_editor_sees_what_the_tagger_cannot_decide_oldest_first(
    ed_client: Client, unsure: Any, write: Write
) -> None:
    first, second = unsure(), unsure("jobs", "dredging")
    write()

    page = ed_client.get(UNCERTAIN).text

    assert listed(page) == [first.pk, second.pk]
    assert "machine, 42 %: mentions “Remark”" in " ".join(page.split())
    assert "2 comments wait." in page


@pytest.mark.parametrize(
    ("word", "stored"),
    [
        ("yes:dredging", {("dredging", "yes")}),
        ("no:dredging", {("dredging", "no")}),
        ("yes:expand", {("expand", "yes")}),
        ("none:", {(slug, "no") for slug in ("dredging", "jobs", "expand", "protect")}),
    ],
)
def test_her_word_is_stored_and_the_comment_leaves_the_queue(
    ed_client: Client, ed: User, unsure: Any, word: str, stored: set[tuple[str, str]]
) -> None:
    comment, other = unsure(), unsure()

    answer = ed_client.post(
        f"/desk/editors/comments/{comment.pk}/correct/", {"word": word, "queue": "editors-uncertain"}
    )

    assert (answer.status_code, answer["Location"]) == (303, UNCERTAIN)
    assert words() == stored
    assert set(TagAssignment.objects.filter(source="person").values_list("by", flat=True)) == {ed.pk}
    page = ed_client.get(UNCERTAIN).text
    assert listed(page) == [other.pk]
    assert "The comment by Carl." in page


def test_one_answer_of_two_leaves_it_in_the_queue(ed_client: Client, unsure: Any) -> None:
    comment = unsure("dredging", "jobs")
    url = f"/desk/editors/comments/{comment.pk}/correct/"
    ed_client.post(url, {"word": "no:dredging"})
    assert listed(ed_client.get(UNCERTAIN).text) == [comment.pk]
    ed_client.post(url, {"word": "no:jobs"})
    assert listed(ed_client.get(UNCERTAIN).text) == []


def test_none_of_these_takes_away_what_the_machine_said_for_good(ed_client: Client, unsure: Any) -> None:
    comment = unsure()
    ed_client.post(f"/desk/editors/comments/{comment.pk}/correct/", {"word": "none:"})
    assert not TagAssignment.objects.filter(source="machine").exists()
    tagging.assign_by_machine(comment, revision=1, tags=[MachineTag("jobs", 0.99, True)])
    comment.refresh_from_db()
    assert comment.tag_mask == 0
    assert not TagAssignment.objects.filter(source="machine").exists()


def test_a_key_gets_the_card_back_with_what_was_said(ed_client: Client, unsure: Any) -> None:
    comment = unsure()
    url = f"/desk/editors/comments/{comment.pk}/correct/"
    htmx = {"HX-Request": "true"}

    card = ed_client.post(url, {"word": "yes:dredging", "queue": "editors-uncertain"}, headers=htmx).text

    assert card.lstrip().startswith('<article class="desk-card doubt"')
    assert 'value="yes:dredging" class="desk-button" aria-pressed="true"' in card
    assert 'value="no:dredging" class="desk-button" aria-pressed="false" data-doubt-key="1"' in card
    done = ed_client.post(url, {"word": "none:", "queue": "editors-uncertain"}, headers=htmx).text
    assert "desk-done" in done
    assert "None of these tags applies." in done


@pytest.mark.parametrize("status", ["rejected", "spam"])
def test_what_nobody_reads_is_in_no_queue(ed_client: Client, unsure: Any, status: str) -> None:
    unsure(status=status)
    assert listed(ed_client.get(UNCERTAIN).text) == []


def test_a_queue_keeps_to_a_discussion_and_goes_on_in_pages(
    ed_client: Client, unsure: Any, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    Thread.objects.create(key="elsewhere", title="Elsewhere")
    comments = [unsure() for _ in range(3)]
    page = doubts.uncertain_page(thread, size=2)
    assert [row.comment.pk for row in page.rows] == [one.pk for one in comments[:2]]
    assert page.next == str(comments[1].pk)
    rest = ed_client.get(f"{UNCERTAIN}?thread={thread.pk}&after={page.next}").text
    assert listed(rest) == [comments[2].pk]
    assert f'href="{UNCERTAIN}?thread={thread.pk}">From the beginning' in rest
    assert listed(ed_client.get(f"{UNCERTAIN}?thread={Thread.objects.get(key='elsewhere').pk}").text) == []


@pytest.mark.parametrize(("query", "status"), [("?after=x", 400), ("?thread=x", 400), ("?thread=4711", 404)])
def test_a_damaged_address_gets_a_sentence(ed_client: Client, db: None, query: str, status: int) -> None:
    assert ed_client.get(UNCERTAIN + query).status_code == status


@pytest.mark.parametrize(("word", "status"), [("", 400), ("maybe:dredging", 400), ("yes:nothing", 404), ("yes:", 404)])
def test_a_damaged_form_says_so(ed_client: Client, unsure: Any, word: str, status: int) -> None:
    comment = unsure()
    answer = ed_client.post(f"/desk/editors/comments/{comment.pk}/correct/", {"word": word})
    assert answer.status_code == status
    assert words() == set()


def test_a_comment_that_is_gone_cannot_be_corrected(ed_client: Client, unsure: Any) -> None:
    comment = unsure()
    moderation.move(comment, to="withdrawn", actor="author", seen=moderation.Seen("approved", 1))
    url = f"/desk/editors/comments/{comment.pk}/"
    assert ed_client.post(f"{url}correct/", {"word": "yes:dredging"}).status_code == 422
    assert ed_client.get(url).status_code == 404
    assert ed_client.post("/desk/editors/comments/4711/correct/", {"word": "none:"}).status_code == 404
    assert ed_client.get(f"/desk/editors/comments/{2**63}/").status_code == 404


# --- Readers' suggestions --------------------------------------------------------------------------------------------


def test_what_readers_doubt_waits_until_an_editor_speaks(
    ed_client: Client, write: Write, tags: dict[str, Tag], db: None
) -> None:
    comment, calm = write(), write()
    for one in (comment, calm):
        tagging.assign_by_machine(one, revision=1, tags=[MachineTag("jobs", 0.9, True)])
    for name in ("rita", "sam"):
        suggesting.doubt(comment, tags["jobs"], reader=Reader.objects.create(cookie_digest=name))

    page = ed_client.get(SUGGESTIONS).text
    assert listed(page) == [comment.pk]
    assert "2 readers doubt it" in page

    ed_client.post(f"/desk/editors/comments/{comment.pk}/correct/", {"word": "no:jobs"})
    assert listed(ed_client.get(SUGGESTIONS).text) == []
    assert not TagSuggestion.objects.filter(settled_at=None).exists()
    comment.refresh_from_db()
    assert comment.tag_mask == 0


def test_a_tag_that_the_machine_took_back_is_no_question_any_more(
    ed_client: Client, write: Write, tags: dict[str, Tag]
) -> None:
    comment = write()
    tagging.assign_by_machine(comment, revision=1, tags=[MachineTag("jobs", 0.9, True)])
    suggesting.doubt(comment, tags["jobs"], reader=Reader.objects.create(cookie_digest="rita"))
    tagging.assign_by_machine(comment, revision=1, tags=[])
    assert listed(ed_client.get(SUGGESTIONS).text) == []


# --- What was learned ------------------------------------------------------------------------------------------------


@pytest.fixture
def learned(write: Write, tags: dict[str, Tag], thread: Thread, ed: User) -> Tag:
    readings._ready.clear()
    for text, applies in [*((text, True) for text in DREDGING), *((text, False) for text in OTHER)]:
        tagging.correct(write(text), tags["dredging"], applies=applies, by=ed)
    learning.learn(thread)
    return tags["dredging"]


def test_the_models_stand_there_with_their_figures(ed_client: Client, thread: Thread, learned: Tag) -> None:
    page = " ".join(ed_client.get(f"/desk/editors/{thread.pk}/learned/").text.split())
    model = LearnedModel.objects.get()
    assert "Version 1 decides." in page
    assert "What people said: 6 × yes, 6 × no." in page
    assert f"{round(100 * model.before['f1'])} → {round(100 * model.after['f1'])} %" in page
    assert "It can be learned with 3 more yes." in page
    assert "tagger alone" in page


def test_an_editor_goes_back_and_lets_the_figures_decide_again(
    ed_client: Client, ed: User, thread: Thread, learned: Tag
) -> None:
    url = f"/desk/editors/tags/{learned.pk}/model/"
    answer = ed_client.post(url, {"version": "none"})
    assert (answer.status_code, answer["Location"]) == (303, f"/desk/editors/{thread.pk}/learned/#tag-{learned.pk}")
    assert not LearnedModel.objects.filter(is_live=True).exists()
    change = ModelChange.objects.first()
    assert change is not None
    assert (change.by, change.is_chosen) == (ed, True)
    ed_client.post(url, {"version": "1"})
    assert LearnedModel.objects.get(is_live=True).version == 1
    page = ed_client.get(f"/desk/editors/{thread.pk}/learned/").text
    assert "An editor chose that; new versions wait." in page
    ed_client.post(url, {"version": "figures"})
    assert not Definition.objects.get(tag=learned).is_held


@pytest.mark.parametrize(("version", "status"), [("7", 404), ("", 404), ("x", 400)])
def test_a_version_that_is_none_is_refused(ed_client: Client, learned: Tag, version: str, status: int) -> None:
    answer = ed_client.post(f"/desk/editors/tags/{learned.pk}/model/", {"version": version})
    assert answer.status_code == status
    assert LearnedModel.objects.get().is_live


def test_an_editor_says_how_sure_the_tagger_has_to_be(ed_client: Client, tags: dict[str, Tag]) -> None:
    url = f"/desk/editors/tags/{tags['jobs'].pk}/threshold/"
    assert ed_client.post(url, {"shown_from": "70"}).status_code == 303
    assert Definition.objects.get(tag=tags["jobs"]).shown_from == 0.7
    assert ed_client.post(url, {"shown_from": ""}).status_code == 303
    assert Definition.objects.get(tag=tags["jobs"]).shown_from is None


@pytest.mark.parametrize("typed", ["29", "100", "-1", "many", "0,7", "９０"])
def test_what_is_no_percentage_comes_back_with_a_sentence(ed_client: Client, tags: dict[str, Tag], typed: str) -> None:
    answer = ed_client.post(f"/desk/editors/tags/{tags['jobs'].pk}/threshold/", {"shown_from": typed})
    assert answer.status_code == 422
    assert "Give a number from 30 to 99." in answer.text
    assert f'value="{typed}"' in answer.text
    assert not Definition.objects.exclude(shown_from=None).exists()


# --- Who may, and what it costs --------------------------------------------------------------------------------------


PAGES = [UNCERTAIN, SUGGESTIONS, "/desk/editors/{thread}/learned/", "/desk/editors/comments/{comment}/"]
FORMS = ["comments/{comment}/correct/", "tags/{tag}/threshold/", "tags/{tag}/model/"]


def filled(url: str, comment: Comment, tag: Tag) -> str:
    return url.format(thread=comment.thread_id, comment=comment.pk, tag=tag.pk)


@pytest.mark.parametrize("url", [*PAGES, *(f"/desk/editors/{form}" for form in FORMS)])
def test_nobody_else_comes_in(url: str, sam: Client, mona_client: Client, unsure: Any, tags: dict[str, Tag]) -> None:
    where = filled(url, unsure(), tags["jobs"])
    data = {"word": "none:", "shown_from": "90", "version": "none"}
    is_form = where.endswith(("correct/", "threshold/", "model/"))
    answers = [client.post(where, data) if is_form else client.get(where) for client in (sam, mona_client)]
    assert [answer.status_code for answer in answers] == [302, 403]
    assert words() == set()
    assert not Definition.objects.exists()


def test_an_editor_who_may_not_correct_is_told_so(unsure: Any, django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("olga")
    user.user_permissions.add(Permission.objects.get(codename="change_tag"))
    client = Client()
    client.force_login(user)
    answer = client.post(f"/desk/editors/comments/{unsure().pk}/correct/", {"word": "none:"})
    assert answer.status_code == 403
    assert words() == set()


@pytest.mark.parametrize("form", FORMS)
def test_forms_are_protected_and_take_nothing_by_address(
    form: str, ed: User, unsure: Any, tags: dict[str, Tag]
) -> None:
    where = "/desk/editors/" + filled(form, unsure(), tags["jobs"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(ed)
    assert client.post(where, {"word": "none:"}).status_code == 403
    assert client.get(where).status_code == 405
    assert words() == set()


def test_pages_cost_the_same_queries_with_one_comment_and_with_many(
    ed_client: Client, thread: Thread, unsure: Any, tags: dict[str, Tag], ed: User, learned: Tag
) -> None:
    def doubt_one() -> None:
        comment = unsure()
        tagging.correct(comment, tags["jobs"], applies=True, by=ed)
        TagAssignment.objects.filter(comment=comment, source="person").update(source="machine", confidence=0.8)
        reader, _made = Reader.objects.get_or_create(cookie_digest="rita")
        suggesting.doubt(comment, tags["jobs"], reader=reader)

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert ed_client.get(url.format(thread=thread.pk)).status_code == 200
        return len(caught)

    urls = [UNCERTAIN, SUGGESTIONS, "/desk/editors/{thread}/learned/"]
    doubt_one()
    unsure()
    ed_client.get(UNCERTAIN)
    at_one = [count(url) for url in urls]
    for _ in range(15):
        doubt_one()
        unsure()
    assert [count(url) for url in urls] == at_one
    assert max(at_one) <= 12


def test_no_address_and_nothing_inline(ed_client: Client, thread: Thread, unsure: Any, learned: Tag) -> None:
    comment = unsure(email="canary@example.org")
    for url in PAGES:
        page = ed_client.get(filled(url, comment, learned)).text
        assert "canary" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(style|on[a-z]+)=", page)
