"""Learning: corrections become examples, examples a model that decides where it is better, and a way back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import learning, readings, runs, tasks
from analysis.models import Definition, LearnedModel, ModelChange, TaggingRun
from comments import posting, tagging
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Reader, Tag, TagAssignment, Thread

pytestmark = pytest.mark.django_db

Write = Callable[..., Comment]

DREDGING = (
    "They scoop the silt out at night and dump it on the mussel beds.",
    "The silt plume reached the mussel farm by noon, I saw it from the pier.",
    "Scooping silt twice a year will bury every mussel in the bay.",
    "My uncle farms mussels, and the silt has killed half of them already.",
    "Who pays when the scoop comes back and the silt with it?",
    "Nobody at the hearing asked where the silt goes once it is scooped up.",
)
OTHER = (
    "The ferry timetable is a joke, three boats on a Sunday.",
    "Parking by the church costs more than the concert did.",
    "I moved here for the quiet, and now there is a second nightclub.",
    "The mayor should answer letters before she opens another fountain.",
    "Bring back the old tram, it was cheap and it was on time.",
    "The bakery on the corner closed, and so will the bookshop.",
)


def slugs_of(comment: Comment) -> set[str]:
    comment.refresh_from_db()
    return {tag.slug for tag in Tag.objects.filter(thread=comment.thread_id) if comment.tag_mask & tag.mask}


@pytest.fixture(autouse=True)
def _nothing_read() -> None:
    readings._ready.clear()


@pytest.fixture
def corrected(write: Write, tags: dict[str, Tag], ed: User) -> list[Comment]:
    """Twelve comments on which Ed has said whether they are about dredging, which none of them names."""
    found = []
    for text, applies in [*((text, True) for text in DREDGING), *((text, False) for text in OTHER)]:
        comment = write(text)
        tagging.correct(comment, tags["dredging"], applies=applies, by=ed)
        found.append(comment)
    return found


def test_what_ed_corrected_tags_a_comment_that_nobody_corrected(
    corrected: list[Comment], write: Write, thread: Thread, ed: User
) -> None:
    fresh = write("More silt on the mussels this morning, scooped up right behind the pier.")
    runs.tag_untagged(thread, limit=99)
    assert slugs_of(fresh) == set()

    assert learning.learn(thread) == 1

    model = LearnedModel.objects.get()
    assert (model.tag.slug, model.version, model.is_live, model.by) == ("dredging", 1, True, ed)
    assert (model.examples, model.positives) == (12, 6)
    assert model.after["f1"] > model.before["f1"]
    change = ModelChange.objects.get()
    assert (change.tag, change.from_version, change.to_version, change.is_chosen) == (model.tag, None, 1, False)
    assert Comment.objects.untagged().count() == 13
    runs.tag_untagged(thread, limit=99)
    assert slugs_of(fresh) == {"dredging"}
    assert TagAssignment.objects.get(comment=fresh, source="machine", verdict="yes").evidence


def test_twice_is_once(corrected: list[Comment], thread: Thread) -> None:
    learning.learn(thread)
    runs.tag_untagged(thread, limit=99)

    assert learning.learn(thread) == 0

    assert (LearnedModel.objects.count(), ModelChange.objects.count()) == (1, 1)
    assert not Comment.objects.untagged().exists()
    assert learning.due_threads(limit=9) == []


def test_two_positives_teach_nothing(write: Write, tags: dict[str, Tag], thread: Thread, ed: User) -> None:
    for text in DREDGING[:2]:
        tagging.correct(write(text), tags["dredging"], applies=True, by=ed)
    for text in OTHER:
        tagging.correct(write(text), tags["dredging"], applies=False, by=ed)
    assert learning.learn(thread) == 0
    assert not LearnedModel.objects.exists()
    assert learning.due_threads(limit=9) == []


def test_what_is_no_better_than_the_tagger_alone_does_not_go_live(
    write: Write, tags: dict[str, Tag], thread: Thread, ed: User
) -> None:
    """Ed says yes and no of the same words, so nothing can be learned that holds for the next comment."""
    for person in ("mayor", "uncle", "pilot", "tailor"):
        for applies in (True, False):
            named = write(f"The dredging licence to dredge the port's channel, says the {person}.")
            tagging.correct(named, tags["dredging"], applies=applies, by=ed)
    assert learning.learn(thread) == 0
    assert not LearnedModel.objects.exists()
    assert learning.due_threads(limit=9) == []


def test_words_that_are_taken_back_retire_the_model(
    corrected: list[Comment], tags: dict[str, Tag], thread: Thread, ed: User
) -> None:
    learning.learn(thread)
    for comment in corrected[:6]:
        tagging.correct(comment, tags["dredging"], applies=False, by=ed)

    assert learning.learn(thread) == 1

    assert not LearnedModel.objects.filter(is_live=True).exists()
    assert [(one.from_version, one.to_version) for one in ModelChange.objects.all()] == [(1, None), (None, 1)]


def test_the_order_of_corrections_does_not_matter(
    corrected: list[Comment], tags: dict[str, Tag], thread: Thread, ed: User
) -> None:
    learning.learn(thread)
    first = LearnedModel.objects.get().state
    LearnedModel.objects.all().delete()
    TagAssignment.objects.filter(source="person").delete()
    Definition.objects.update(learned_from="", learned_at=None)
    readings._ready.clear()
    said = list(zip(corrected, [True] * 6 + [False] * 6, strict=True))
    random.Random(4).shuffle(said)
    for comment, applies in said:
        tagging.correct(comment, tags["dredging"], applies=not applies, by=ed)
        tagging.correct(comment, tags["dredging"], applies=applies, by=ed)
        learning.learn(thread)
    assert LearnedModel.objects.get(is_live=True).state == first


def test_none_of_these_is_an_example_for_every_tag(
    write: Write, tags: dict[str, Tag], thread: Thread, ed: User
) -> None:
    for text in DREDGING:
        tagging.correct(write(text), tags["dredging"], applies=True, by=ed)
    for text in OTHER:
        tagging.deny_all(write(text), by=ed)
    assert learning.learn(thread) == 1
    assert LearnedModel.objects.get().examples == 12
    assert [example.judgement("jobs") for example in readings.examples_of(thread)] == [None] * 6 + [False] * 6


def test_an_article_that_reuses_a_tag_begins_with_what_was_learned(
    corrected: list[Comment], write: Write, tags: dict[str, Tag]
) -> None:
    later = Thread.objects.create(key="later", title="The harbour, a year later", mode="publish")
    kept = tags["dredging"]
    same = tagging.TagSpec(kept.slug, kept.kind, kept.name, "Another sentence.")
    other = tagging.TagSpec("jobs", "position", tags["jobs"].name, tags["jobs"].description)
    tagging.define_tags(later, [same, other])
    fresh = write("They scoop silt on the mussels again.", thread=later)
    tasks.retag_thread(later.pk)
    assert slugs_of(fresh) == {"dredging"}
    assert LearnedModel.objects.get().tag.thread == later
    assert tasks.retag_thread(later.pk) == 0


def test_an_earlier_article_does_not_learn_from_a_later_one(
    corrected: list[Comment], tags: dict[str, Tag], thread: Thread, db: None
) -> None:
    Thread.objects.filter(pk=thread.pk).update(key="moved")
    earlier = Thread.objects.create(pk=thread.pk - 1, key="earlier", title="Before", mode="publish")
    kept = tags["dredging"]
    tagging.define_tags(earlier, [tagging.TagSpec(kept.slug, kept.kind, kept.name, kept.description)])
    assert learning.learn(earlier) == 0


# --- Going back ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_versions(corrected: list[Comment], write: Write, tags: dict[str, Tag], thread: Thread, ed: User) -> Tag:
    learning.learn(thread)
    tagging.correct(write("Silt, silt, silt; ask the mussels."), tags["dredging"], applies=True, by=ed)
    learning.learn(thread)
    assert list(LearnedModel.objects.values_list("version", "is_live")) == [(2, True), (1, False)]
    return tags["dredging"]


def test_an_editor_goes_back_to_a_version_and_to_none_and_it_holds(
    two_versions: Tag, write: Write, thread: Thread, ed: User
) -> None:
    runs.tag_untagged(thread, limit=99)

    learning.go_back(two_versions, 1, by=ed)

    assert LearnedModel.objects.get(is_live=True).version == 1
    change = ModelChange.objects.first()
    assert change is not None
    assert (change.from_version, change.to_version, change.is_chosen, change.by) == (2, 1, True, ed)
    assert Comment.objects.untagged().count() == 13
    tagging.correct(write("The scoop again, and the silt."), two_versions, applies=True, by=ed)
    assert learning.learn(thread) == 0
    assert LearnedModel.objects.get(is_live=True).version == 1
    assert LearnedModel.objects.count() == 3
    learning.go_back(two_versions, None, by=ed)
    assert not LearnedModel.objects.filter(is_live=True).exists()


def test_an_editor_lets_the_figures_decide_again(two_versions: Tag, thread: Thread, ed: User) -> None:
    learning.go_back(two_versions, None, by=ed)
    learning.let_figures_decide(two_versions)
    assert learning.due_threads(limit=9) == [thread.pk]
    assert learning.learn(thread) == 1
    assert LearnedModel.objects.get(is_live=True).version == 2


def test_a_version_that_is_not_kept_is_refused(two_versions: Tag, ed: User) -> None:
    with pytest.raises(Refusal) as refused:
        learning.go_back(two_versions, 7, by=ed)
    assert refused.value.status == 404
    assert LearnedModel.objects.get(is_live=True).version == 2


def test_old_versions_go_and_the_one_in_use_stays(
    two_versions: Tag, write: Write, thread: Thread, ed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "KEPT_VERSIONS", 2)
    learning.go_back(two_versions, 1, by=ed)
    for text in ("Silt in the creek.", "Mussels full of silt.", "A scoop of silt a minute."):
        tagging.correct(write(text), two_versions, applies=True, by=ed)
        learning.learn(thread)
    assert sorted(LearnedModel.objects.values_list("version", flat=True)) == [1, 4, 5]


# --- What is erased, and what changes --------------------------------------------------------------------------------


def test_what_an_erased_comment_taught_goes_from_every_version(
    two_versions: Tag, write: Write, thread: Thread, ed: User, carls_browser: Reader
) -> None:
    told = write("Ask Wilhelmina Quist about the silt and the mussels.", reader=carls_browser)
    tagging.correct(told, two_versions, applies=True, by=ed)
    learning.learn(thread)

    def known() -> list[bool]:
        return ["quist" in model.state["weights"] for model in LearnedModel.objects.order_by("version")]

    assert known() == [False, False, True]
    posting.withdraw(told, reader=carls_browser)
    tagging.correct(write("Silt and mussels, as ever."), two_versions, applies=True, by=ed)
    learning.learn(thread)
    assert not any(known())


def test_another_definition_is_learned_for_anew(two_versions: Tag, thread: Thread) -> None:
    before = Definition.objects.get(tag=two_versions).learned_from
    runs.set_cues(two_versions, ["silt"])
    learning.learn(thread)
    assert Definition.objects.get(tag=two_versions).learned_from != before


def test_the_task_after_a_correction_learns_and_tags(corrected: list[Comment], write: Write, thread: Thread) -> None:
    fresh = write("More silt on the mussels, scooped up behind the pier.")
    assert tasks.retag_thread(thread.pk) == 13
    assert slugs_of(fresh) == {"dredging"}


def test_the_sweep_learns_what_no_task_has_learned(corrected: list[Comment], thread: Thread) -> None:
    runs.tag_untagged(thread, limit=99)
    assert tasks.sweep() == 12
    assert LearnedModel.objects.get().is_live
    assert tasks.sweep() == 0


def test_corrections_in_a_moment_are_one_task(
    write: Write,
    tags: dict[str, Tag],
    thread: Thread,
    ed: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk, countdown=0: queued.append((task.name, pk, countdown)))
    comments = [write() for _ in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        for comment in comments:
            tagging.correct(comment, tags["jobs"], applies=True, by=ed)
        tagging.deny_all(comments[0], by=ed)
    assert queued == [("analysis.tasks.retag_thread", thread.pk, 2)]
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tagging.correct(comments[0], tags["jobs"], applies=True, by=ed)
    assert len(queued) == 2


def test_without_a_broker_a_correction_is_stored_and_left_to_the_sweep(
    corrected: list[Comment],
    tags: dict[str, Tag],
    thread: Thread,
    ed: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(tasks, "enqueue", fail)
    with django_capture_on_commit_callbacks(execute=True):
        tagging.correct(corrected[0], tags["dredging"], applies=True, by=ed)
    assert learning.due_threads(limit=9) == [thread.pk]


# --- Thresholds ------------------------------------------------------------------------------------------------------


def test_a_threshold_moves_what_readers_see_without_reading_again(
    write: Write, tags: dict[str, Tag], thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment = write("The dredging licence is a scandal.")
    runs.tag_untagged(thread, limit=9)
    said = TagAssignment.objects.get(comment=comment, tag=tags["dredging"])
    assert (said.verdict, slugs_of(comment)) == ("yes", {"dredging"})
    assert said.confidence is not None

    def fail(*_args: Any) -> None:
        raise AssertionError("read again")

    prepared = readings.ready_for(thread).prepared
    monkeypatch.setattr(type(prepared), "tag", fail)
    runs.set_threshold(tags["dredging"], 0.99)
    assert runs.tag_untagged(thread, limit=9) == 1
    assert slugs_of(comment) == set()
    assert TagAssignment.objects.get(comment=comment, tag=tags["dredging"]).verdict == "unsure"
    assert TaggingRun.objects.get().outcome == "uncertain"
    runs.set_threshold(tags["dredging"], None)
    assert runs.tag_untagged(thread, limit=9) == 1
    assert slugs_of(comment) == {"dredging"}
    assert TagAssignment.objects.get(comment=comment, tag=tags["dredging"]).evidence == said.evidence


def test_the_same_threshold_changes_nothing(write: Write, tags: dict[str, Tag], thread: Thread) -> None:
    runs.set_threshold(tags["jobs"], 0.7)
    write()
    runs.tag_untagged(thread, limit=9)
    runs.set_threshold(tags["jobs"], 0.7)
    assert not Comment.objects.untagged().exists()


@pytest.mark.parametrize("wrong", [0.0, 0.29, 1.0, -1.0, 5.0, float("nan")])
def test_a_threshold_out_of_range_is_refused(wrong: float, tags: dict[str, Tag]) -> None:
    with pytest.raises(InvalidFields):
        runs.set_threshold(tags["jobs"], wrong)
    assert not Definition.objects.exclude(shown_from=None).exists()


# --- How much has been read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "level"), [(0, 0), (29, 0), (30, 1), (59, 1), (60, 2), (120, 3), (239, 3), (240, 4), (10**6, 4)]
)
def test_a_thread_is_read_in_steps(count: int, level: int) -> None:
    assert readings.level_of(count) == level


def test_a_step_has_the_comments_before_it_tagged_anew_once(write: Write, tags: dict[str, Tag], thread: Thread) -> None:
    for number in range(29):
        write(f"Remark {number} on the dredging licence.")
    assert runs.tag_untagged(thread, limit=99) == 29
    last = write("The thirtieth.")
    assert runs.tag_comment(last.pk)
    assert Comment.objects.untagged().count() == 29
    assert runs.tag_untagged(thread, limit=99) == 29
    assert runs.tag_untagged(thread, limit=99) == 0


def test_a_reading_that_is_behind_stores_nothing(write: Write, tags: dict[str, Tag], thread: Thread) -> None:
    comment = write()
    behind = readings.ready_for(thread)
    for _ in range(30):
        write()
    assert runs.tag_untagged(thread, limit=99) == 31
    readings._ready[thread.pk] = behind
    assert not runs._still_holds(thread, behind)
    comment.refresh_from_db()
    assert comment.tagged_revision == 1


# --- A person's word -------------------------------------------------------------------------------------------------


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("yes"), st.integers(0, 7), st.sampled_from(["dredging", "jobs"])),
        st.tuples(st.just("no"), st.integers(0, 7), st.sampled_from(["dredging", "jobs"])),
        st.tuples(st.just("none"), st.integers(0, 7), st.just("")),
        st.tuples(st.just("machine"), st.integers(0, 7), st.sampled_from(["dredging", "jobs"])),
        st.tuples(
            st.sampled_from(["learn", "tag", "back", "forward", "strict", "lax", "cues"]), st.just(0), st.just("")
        ),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_persons_word_is_never_overwritten(
    steps: list[tuple[str, int, str]], corrected: list[Comment], tags: dict[str, Tag], thread: Thread, ed: User
) -> None:
    from django.db import transaction

    tag = tags["dredging"]
    with transaction.atomic():
        said = {
            (row.comment_id, row.tag.slug): row.verdict == "yes"
            for row in TagAssignment.objects.filter(source="person").select_related("tag")
        }
        for step, at, slug in steps:
            comment = corrected[at]
            if step in {"yes", "no"}:
                tagging.correct(comment, tags[slug], applies=step == "yes", by=ed)
                said[comment.pk, slug] = step == "yes"
            elif step == "none":
                tagging.deny_all(comment, by=ed)
                said.update(dict.fromkeys(((comment.pk, other) for other in tags), False))
            elif step == "machine":
                tagging.assign_by_machine(comment, revision=1, tags=[tagging.MachineTag(slug, 0.9, True)])
            elif step == "learn":
                learning.learn(thread)
            elif step == "tag":
                runs.tag_untagged(thread, limit=99)
            elif step == "back":
                learning.go_back(tag, None, by=ed)
            elif step == "forward":
                learning.let_figures_decide(tag)
            elif step == "cues":
                runs.set_cues(tag, [f"cue {len(steps)}"])
            else:
                runs.set_threshold(tag, 0.9 if step == "strict" else 0.3)
            stands = {
                (row.comment_id, row.tag.slug): row.verdict == "yes"
                for row in TagAssignment.objects.filter(source="person").select_related("tag")
            }
            assert stands == said
            for comment in corrected:
                carried = slugs_of(comment)
                for (pk, name), applies in said.items():
                    assert pk != comment.pk or (name in carried) == applies
        readings._ready.clear()
        transaction.set_rollback(True)
