"""Tagging comments: once for each revision, repeatable, never over a person's word, and never stuck at one."""

from __future__ import annotations

import logging

import pytest

from analysis import readings, runs
from analysis.models import Definition, TaggingRun
from analysis.taggers import Outcome, Span, Tagged, TagScore, Verdict
from analysis.taxonomy import ArticleTaxonomy, TagDefinition
from comments import posting, tagging
from comments.models import Comment, Tag, TagAssignment, Thread

pytestmark = pytest.mark.django_db


class WordTagger:
    """Gives a comment each tag whose slug it names; stumbles over one word and is unsure of another."""

    name, version = "words", "1"
    prepared = 0

    def prepare(self, definitions, context=None):
        type(self).prepared += 1
        return _Prepared(definitions)


class _Prepared:
    def __init__(self, definitions):
        self.slugs = [definition.id for definition in definitions]

    def tag(self, text: str) -> Tagged:
        if "stumble" in text:
            raise ValueError("a tagger's own fault")
        found = []
        for slug in self.slugs:
            at = text.find(slug)
            if at >= 0:
                verdict = Verdict.UNCERTAIN if "perhaps" in text else Verdict.SHOWN
                found.append(TagScore(slug, 0.9, (Span(at, at + len(slug)),), (slug,), verdict))
        if not found:
            return Tagged(Outcome.NONE, ())
        return Tagged(Outcome.UNCERTAIN if "perhaps" in text else Outcome.TAGGED, tuple(found))


@pytest.fixture(autouse=True)
def _tagger(settings):
    settings.ANALYSIS = {"TAGGER": f"{__name__}.WordTagger"}
    readings._ready.clear()
    WordTagger.prepared = 0
    yield
    readings._ready.clear()


def slugs_of(comment: Comment) -> set[str]:
    comment.refresh_from_db()
    return {tag.slug for tag in Tag.objects.filter(thread=comment.thread_id) if comment.tag_mask & tag.mask}


def test_a_comment_is_tagged_with_its_reasons_and_the_run_is_kept(write, tags):
    comment = write("The jobs are gone.")
    assert runs.tag_comment(comment.pk)
    assignment = TagAssignment.objects.get()
    run = TaggingRun.objects.get()
    assert slugs_of(comment) == {"jobs"}
    assert comment.text[slice(*assignment.evidence[0])] == "jobs"
    assert (run.comment, run.revision, run.tagger, run.outcome) == (comment, 1, "words 1", "tagged")
    assert comment.tagged_revision == 1


def test_twice_is_once(write, tags):
    comment = write("The jobs are gone.")
    assert runs.tag_comment(comment.pk)
    assert not runs.tag_comment(comment.pk)
    assert (TaggingRun.objects.count(), TagAssignment.objects.count()) == (1, 1)


def test_a_new_revision_is_tagged_anew(write, tags, carls_browser):
    comment = write("The jobs are gone.", reader=carls_browser)
    runs.tag_comment(comment.pk)
    posting.edit(comment, body="Just expand.", reader=carls_browser)
    assert slugs_of(comment) == set()
    assert runs.tag_comment(comment.pk)
    assert slugs_of(comment) == {"expand"}
    assert list(TaggingRun.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]


def test_none_fits_and_cannot_decide_are_kept_apart(write, tags):
    none, unsure = write("Good evening."), write("The jobs, perhaps.")
    runs.tag_comment(none.pk)
    runs.tag_comment(unsure.pk)
    assert TaggingRun.objects.get(comment=none).outcome == "none"
    assert TaggingRun.objects.get(comment=unsure).outcome == "uncertain"
    assert TagAssignment.objects.get().verdict == "unsure"
    assert slugs_of(unsure) == set()


def test_a_persons_word_stands(write, tags, ed):
    comment = write("The jobs are gone.")
    tagging.correct(comment, tags["jobs"], applies=False, by=ed)
    tagging.correct(comment, tags["protect"], applies=True, by=ed)
    runs.tag_comment(comment.pk)
    assert slugs_of(comment) == {"protect"}


def test_words_that_change_while_the_tagger_reads_are_left_for_the_next_run(write, tags, carls_browser, monkeypatch):
    comment = write("The jobs are gone.", reader=carls_browser)
    read = _Prepared.tag

    def edit_meanwhile(self, text):
        posting.edit(Comment.objects.get(), body="Just expand.", reader=carls_browser)
        return read(self, text)

    monkeypatch.setattr(_Prepared, "tag", edit_meanwhile)
    assert not runs.tag_comment(comment.pk)
    assert not TaggingRun.objects.exists()
    assert Comment.objects.untagged().get() == comment


@pytest.mark.parametrize("case", ["missing", "withdrawn"])
def test_what_is_not_there_is_not_tagged(case, write, tags, carls_browser):
    comment = write("The jobs are gone.", reader=carls_browser)
    if case == "withdrawn":
        posting.withdraw(comment, reader=carls_browser)
    assert not runs.tag_comment(comment.pk if case == "withdrawn" else 10**9)
    assert not TaggingRun.objects.exists()


def test_the_sweep_takes_the_oldest_first_and_no_more_than_it_may(write, tags):
    comments = [write(f"{number} jobs.") for number in range(3)]
    assert runs.tag_untagged(limit=2) == 2
    assert [slugs_of(comment) for comment in comments] == [{"jobs"}, {"jobs"}, set()]
    assert runs.tag_untagged(limit=2) == 1
    assert runs.tag_untagged(limit=2) == 0


def test_the_sweep_can_keep_to_one_thread(write, tags, thread):
    elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
    write("Not here.", thread=elsewhere)
    write("Here.")
    assert runs.tag_untagged(thread, limit=9) == 1
    assert Comment.objects.untagged().get().thread == elsewhere


def test_a_comment_over_which_a_tagger_stumbles_does_not_stop_the_sweep(write, tags, caplog):
    stone, behind = write("I stumble over jobs."), write("The jobs are gone.")
    with caplog.at_level(logging.ERROR):
        assert runs.tag_untagged(limit=9) == 1
    assert slugs_of(behind) == {"jobs"}
    assert list(Comment.objects.untagged()) == [stone]
    assert f"Comment {stone.pk}" in caplog.text


def test_definitions_are_read_once_for_many_comments_and_anew_when_they_change(write, tags, thread):
    for number in range(4):
        write(f"{number}")
    runs.tag_untagged(limit=9)
    few = WordTagger.prepared
    assert few <= 3
    runs.set_cues(tags["jobs"], ["work"])
    runs.tag_untagged(limit=9)
    assert WordTagger.prepared == few + 1


# --- Taxonomies ------------------------------------------------------------------------------------------------------


def taxonomy(*tags: tuple[str, tuple[str, ...]]) -> ArticleTaxonomy:
    return ArticleTaxonomy(
        "harbour", "The harbour", tuple(TagDefinition(slug, "indicator", slug.title(), "", cues) for slug, cues in tags)
    )


def test_a_taxonomy_becomes_the_threads_tags_and_cues(thread):
    made = runs.adopt_taxonomy(thread, taxonomy(("jobs", ("work", "wages")), ("fish", ())))
    assert [tag.slug for tag in made] == ["jobs", "fish"]
    assert Definition.objects.get(tag__slug="jobs").cues == ["work", "wages"]
    assert [(one.id, one.cues) for one in readings.definitions_of(thread)] == [
        ("jobs", ("work", "wages")),
        ("fish", ()),
    ]


def test_adopting_the_same_again_changes_nothing(thread, write):
    same = taxonomy(("jobs", ("work",)), ("fish", ()))
    runs.adopt_taxonomy(thread, same)
    runs.tag_comment(write().pk)
    thread.refresh_from_db()
    version = thread.version
    runs.adopt_taxonomy(thread, same)
    thread.refresh_from_db()
    assert thread.version == version
    assert not Comment.objects.untagged().exists()


@pytest.mark.parametrize("other", [(("jobs", ("labour",)),), (("jobs", ()),), (("work", ("work",)),)])
def test_adopting_another_has_the_comments_tagged_anew(other, thread, write):
    runs.adopt_taxonomy(thread, taxonomy(("jobs", ("work",))))
    runs.tag_comment(write().pk)
    runs.adopt_taxonomy(thread, taxonomy(*other))
    assert Comment.objects.untagged().count() == 1


def test_a_tag_made_by_hand_has_no_cues(thread, tags):
    assert {one.cues for one in readings.definitions_of(thread)} == {()}


def test_tags_that_change_while_a_comment_is_read_leave_it_untagged(write, tags, thread, monkeypatch):
    comment = write("The jobs are gone.")
    read = _Prepared.tag

    def change_meanwhile(self, text):
        runs.set_cues(tags["jobs"], ["work"])
        return read(self, text)

    monkeypatch.setattr(_Prepared, "tag", change_meanwhile)
    assert not runs.tag_comment(comment.pk)
    comment.refresh_from_db()
    assert (comment.tagged_revision, comment.tag_mask) == (0, 0)
    monkeypatch.undo()
    assert runs.tag_comment(comment.pk)
