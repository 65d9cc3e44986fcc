"""Tags: defining them for a thread, what the machine says, and a person's word that outranks it for ever."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import moderation, posting, signals, tagging
from comments.errors import Refusal
from comments.models import Comment, FacetCount, Tag, TagAssignment, Thread
from comments.models.tag import MAX_TAGS
from comments.tagging import MachineTag, TagSpec

pytestmark = pytest.mark.django_db


def say(comment: Comment, *slugs: str, unsure: tuple[str, ...] = ()) -> bool:
    tags = [MachineTag(slug, 0.9, True, ((0, 6),)) for slug in slugs] + [
        MachineTag(slug, 0.4, False) for slug in unsure
    ]
    return tagging.assign_by_machine(comment, revision=comment.revision, tags=tags)


def slugs_of(comment: Comment) -> set[str]:
    comment.refresh_from_db()
    return {tag.slug for tag in Tag.objects.filter(thread=comment.thread_id) if comment.tag_mask & tag.mask}


def counts() -> dict[int, int]:
    return dict(FacetCount.objects.filter(count__gt=0).values_list("tag_mask", "count"))


# --- The machine -----------------------------------------------------------------------------------------------------


def test_what_the_machine_says_is_stored_with_its_reasons_and_counted(write, tags, thread):
    comment = write()
    assert say(comment, "dredging", unsure=("jobs",))
    shown, unsure = TagAssignment.objects.order_by("-confidence")
    assert (shown.tag.slug, shown.source, shown.verdict, shown.confidence) == ("dredging", "machine", "yes", 0.9)
    assert shown.evidence == [[0, 6]]
    assert (unsure.tag.slug, unsure.verdict) == ("jobs", "unsure")
    assert slugs_of(comment) == {"dredging"}, "what the machine is unsure of, readers do not see"
    assert counts() == {tags["dredging"].mask: 1}
    assert comment.tagged_revision == comment.revision
    assert not Comment.objects.untagged().exists()


def test_it_says_everything_anew(write, tags):
    comment = write()
    say(comment, "dredging", "expand")
    say(comment, "jobs")
    assert slugs_of(comment) == {"jobs"}
    assert TagAssignment.objects.count() == 1


def test_saying_nothing_marks_the_comment_as_read(write, tags):
    comment = write()
    assert say(comment)
    assert slugs_of(comment) == set()
    assert not Comment.objects.untagged().exists()


def test_what_it_says_of_old_words_is_not_stored(write, tags, carls_browser):
    comment = write(reader=carls_browser)
    before = Comment.objects.get()
    posting.edit(comment, body="Other words.", reader=carls_browser)
    assert not tagging.assign_by_machine(before, revision=1, tags=[MachineTag("dredging", 0.9, True)])
    assert slugs_of(comment) == set()
    assert Comment.objects.untagged().exists()


def test_a_withdrawn_comment_is_not_tagged(write, tags, carls_browser):
    comment = write(reader=carls_browser)
    gone = posting.withdraw(comment, reader=carls_browser)
    assert not say(gone, "dredging")
    assert not TagAssignment.objects.exists()


def test_tags_that_the_thread_has_no_more_are_passed_over(write, tags):
    comment = write()
    assert say(comment, "dredging", "gone")
    assert slugs_of(comment) == {"dredging"}


def test_a_waiting_comment_is_tagged_and_counted_when_it_becomes_public(write, tags, mona):
    comment = write(status="pending")
    say(comment, "dredging")
    assert slugs_of(comment) == {"dredging"}
    assert counts() == {}
    moderation.decide(comment, to="approved", by=mona, seen=moderation.Seen("pending", 1))
    assert counts() == {tags["dredging"].mask: 1}


# --- Persons ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine_says", [True, False])
@pytest.mark.parametrize("applies", [True, False])
def test_a_persons_word_holds_whatever_the_machine_says_before_or_after(applies, machine_says, write, tags, ed):
    comment = write()
    said = ("dredging",) if machine_says else ()
    say(comment, *said)
    word = tagging.correct(comment, tags["dredging"], applies=applies, by=ed)
    assert (word.source, word.verdict, word.by) == ("person", "yes" if applies else "no", ed)
    assert ("dredging" in slugs_of(comment)) == applies
    for said in ((), ("dredging",), ("dredging", "jobs")):
        say(comment, *said)
        assert ("dredging" in slugs_of(comment)) == applies
    assert TagAssignment.objects.filter(source="person").count() == 1


def test_the_last_word_of_persons_holds(write, tags, ed, mona):
    comment = write()
    tagging.correct(comment, tags["dredging"], applies=True, by=ed)
    tagging.correct(comment, tags["dredging"], applies=False, by=mona)
    word = TagAssignment.objects.get()
    assert (word.verdict, word.by) == ("no", mona)
    assert slugs_of(comment) == set()


def test_a_confirmation_gives_the_page_a_new_version(write, tags, ed, thread):
    comment = write()
    say(comment, "dredging")
    thread.refresh_from_db()
    before = thread.version
    tagging.correct(comment, tags["dredging"], applies=True, by=ed)
    thread.refresh_from_db()
    assert thread.version > before


def test_a_tag_of_another_thread_cannot_be_given(write, tags, ed):
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    with pytest.raises(Refusal) as refused:
        tagging.correct(write(thread=elsewhere), tags["dredging"], applies=True, by=ed)
    assert (refused.value.status, refused.value.code) == (404, "unknown_tag")


def test_editors_and_moderators_may_correct_and_readers_may_not(ed, mona, django_user_model):
    assert tagging.may_correct(ed)
    assert tagging.may_correct(mona)
    assert not tagging.may_correct(django_user_model.objects.create_user("sam"))
    assert not tagging.may_correct(None)
    ed.is_active = False
    assert not tagging.may_correct(ed)


def test_none_of_these_is_a_no_for_every_tag_in_one_transaction_and_one_signal(
    write, tags, ed, django_capture_on_commit_callbacks
):
    comment = write()
    say(comment, "dredging", unsure=("jobs",))
    heard = []

    def hear(**arguments):
        heard.append((arguments["comment"], arguments["tag"], arguments["applies"], arguments["by"]))

    signals.tags_corrected.connect(hear, weak=False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            words = tagging.deny_all(comment, by=ed)
    finally:
        signals.tags_corrected.disconnect(hear)
    assert heard == [(comment, None, False, ed)]
    assert {(word.tag.slug, word.verdict, word.by) for word in words} == {(slug, "no", ed) for slug in tags}
    assert not TagAssignment.objects.filter(source="machine").exists()
    assert slugs_of(comment) == set()
    assert counts() == {}
    say(comment, "dredging", "jobs")
    assert slugs_of(comment) == set()
    tagging.correct(comment, tags["jobs"], applies=True, by=ed)
    assert slugs_of(comment) == {"jobs"}


def test_none_of_these_is_refused_where_there_is_nothing_to_deny(write, thread, ed):
    comment = write()
    with pytest.raises(Refusal) as refused:
        tagging.deny_all(comment, by=ed)
    assert refused.value.code == "no_tags"


def test_nothing_is_said_of_a_withdrawn_comment(write, tags, ed, carls_browser):
    comment = write(reader=carls_browser)
    posting.withdraw(comment, reader=carls_browser)
    for speak in (
        lambda: tagging.deny_all(comment, by=ed),
        lambda: tagging.correct(comment, tags["jobs"], applies=True, by=ed),
    ):
        with pytest.raises(Refusal) as refused:
            speak()
        assert refused.value.code == "withdrawn"
    assert not TagAssignment.objects.exists()


# --- Many at once ----------------------------------------------------------------------------------------------------


def test_many_are_tagged_in_one_go_and_counted(write, tags, thread, ed, carls_browser):
    first, second, third, edited, waiting = (
        write(),
        write(),
        write(),
        write(reader=carls_browser),
        write(status="pending"),
    )
    tagging.correct(second, tags["jobs"], applies=False, by=ed)
    posting.edit(edited, body="Other words.", reader=carls_browser)
    yes = MachineTag("jobs", 0.9, True, ((0, 6),))
    words = [tagging.MachineWord(one.pk, 1, (yes,)) for one in (first, second, third, edited, waiting)]
    assert tagging.assign_many_by_machine(thread.pk, words) == {first.pk, second.pk, third.pk, waiting.pk}
    assert [slugs_of(one) for one in (first, second, third, edited, waiting)] == [
        {"jobs"}, set(), {"jobs"}, set(), {"jobs"},
    ]  # fmt: skip
    assert counts() == {tags["jobs"].mask: 2}
    assert list(Comment.objects.untagged()) == [Comment.objects.get(pk=edited.pk)]


def test_the_same_again_writes_nothing_that_readers_could_see(write, tags, thread):
    comment = write()
    say(comment, "jobs", unsure=("dredging",))
    rows = list(TagAssignment.objects.order_by("pk").values_list("pk", "at"))
    thread.refresh_from_db()
    version = thread.version
    say(comment, "jobs", unsure=("dredging",))
    assert list(TagAssignment.objects.order_by("pk").values_list("pk", "at")) == rows
    thread.refresh_from_db()
    assert thread.version == version


@pytest.mark.parametrize(
    ("said", "is_news"),
    [
        (MachineTag("jobs", 0.8, True, ((0, 6),)), True),
        (MachineTag("jobs", 0.9, True, ((0, 3),)), True),
        (MachineTag("jobs", 0.4, False), True),
    ],
)
def test_other_reasons_or_another_confidence_are_news(said, is_news, write, tags, thread):
    comment = write()
    say(comment, "jobs")
    thread.refresh_from_db()
    version = thread.version
    tagging.assign_by_machine(comment, revision=1, tags=[said])
    thread.refresh_from_db()
    assert (thread.version > version) == is_news


# --- Defining them ---------------------------------------------------------------------------------------------------

FISH = TagSpec("fish", "indicator", "The fish", "Are there any?")
QUAY = TagSpec("quay", "position", "The quay")


def untagged() -> int:
    return Comment.objects.untagged().count()


def test_a_thread_gets_its_tags_in_their_order(thread):
    made = tagging.define_tags(thread, [QUAY, FISH])
    assert [(tag.slug, tag.kind, tag.name, tag.position, tag.bit) for tag in thread.tags.all()] == [
        ("quay", "position", "The quay", 0, 0),
        ("fish", "indicator", "The fish", 1, 1),
    ]
    assert list(thread.tags.all()) == made


def test_defining_the_same_again_changes_nothing(thread, write):
    tagging.define_tags(thread, [FISH, QUAY])
    say(write(), "fish")
    with CaptureQueriesContext(connection) as queries:
        tagging.define_tags(thread, [FISH, QUAY])
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert untagged() == 0


@pytest.mark.parametrize(
    "changed",
    [
        [QUAY, FISH],
        [FISH],
        [FISH, QUAY, TagSpec("new", "indicator")],
        [TagSpec("fish", "position", "The fish", "Are there any?"), QUAY],
        [TagSpec("fish", "indicator", "The herring", "Are there any?"), QUAY],
        [TagSpec("fish", "indicator", "The fish", "Are there some?"), QUAY],
    ],
)
def test_any_change_has_the_comments_tagged_anew(changed, thread, write, carls_browser):
    tagging.define_tags(thread, [FISH, QUAY])
    say(write(), "fish")
    say(write(status="pending"), "quay")
    gone = write(reader=carls_browser)
    say(gone, "fish")
    posting.withdraw(gone, reader=carls_browser)
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    say(write(thread=elsewhere))
    tagging.define_tags(thread, changed)
    assert untagged() == 2


def test_a_tag_keeps_its_bit_and_its_comments_when_it_is_renamed_or_moved(thread, write):
    tagging.define_tags(thread, [FISH, QUAY])
    comment = write()
    say(comment, "fish")
    tagging.define_tags(thread, [TagSpec("quay", "position", "Another name"), FISH])
    assert slugs_of(comment) == {"fish"}


def test_a_removed_tag_comes_off_every_comment_and_its_bit_serves_another(thread, write, ed):
    tagging.define_tags(thread, [FISH, QUAY])
    carriers = [write() for _ in range(3)]
    for comment in carriers:
        say(comment, "fish", "quay")
    waiting = write(status="pending")
    say(waiting, "fish")
    tagging.correct(carriers[0], Tag.objects.get(slug="fish"), applies=True, by=ed)
    freed = Tag.objects.get(slug="fish").bit
    tagging.define_tags(thread, [QUAY, TagSpec("new", "indicator")])
    assert Tag.objects.get(slug="new").bit == freed
    assert [slugs_of(comment) for comment in (*carriers, waiting)] == [{"quay"}] * 3 + [set()]
    assert counts() == {Tag.objects.get(slug="quay").mask: 3}
    assert not TagAssignment.objects.filter(tag__slug="fish").exists()


def test_a_thread_has_room_for_so_many_tags(thread, write):
    specs = [TagSpec(f"tag-{number}", "indicator") for number in range(MAX_TAGS + 1)]
    tagging.define_tags(thread, specs[:-1])
    with pytest.raises(Refusal) as refused:
        tagging.define_tags(thread, specs)
    assert (refused.value.status, refused.value.code) == (422, "too_many_tags")
    assert thread.tags.count() == MAX_TAGS
    with pytest.raises(Refusal):
        tagging.save_tag(Tag(thread=thread, slug="one-more", kind="indicator"))
    # The highest bit fits into the column, too.
    comment = write()
    say(comment, *(spec.slug for spec in specs[:-1]))
    assert len(slugs_of(comment)) == MAX_TAGS


def test_an_editor_adds_changes_and_removes_one_tag(thread, write):
    tag = tagging.save_tag(Tag(thread=thread, slug="fish", kind="indicator"))
    comment = write()
    say(comment, "fish")
    assert slugs_of(comment) == {"fish"}
    tag.name = "The fish"
    tagging.save_tag(tag)
    assert untagged() == 1
    say(comment, "fish")
    tagging.remove_tag(tag)
    assert (slugs_of(comment), counts(), untagged()) == (set(), {}, 1)


@pytest.mark.parametrize(
    ("fields", "label"), [({"name": "Fish", "description": "d"}, "Fish"), ({"description": "d"}, "d"), ({}, "fish")]
)
def test_a_tag_always_has_a_label(fields, label):
    assert Tag(slug="fish", **fields).label == label
