"""`manage.py seed`: loads the seeds once, and leaves alone what people did to them since."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Count

from comments import drafts, moderation, posting, privacy
from comments.models import Comment, Commenter, FacetCount, ModerationEvent, Report, Status, Tag, Thread
from newsroom.articles import seeding
from newsroom.articles.models import Article, SeededComment

pytestmark = pytest.mark.django_db

ROWS = [json.loads(line) for line in (settings.SEEDS_DIR / "discussion.jsonl").read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Small seeds of one's own."""
    (tmp_path / "article.md").write_text(
        "---\nid: harbour\ntitle: The harbour\npublished: 2026-03-01T08:00:00Z\n---\n\nText with **weight**.\n"
    )
    (tmp_path / "taxonomy.yaml").write_text(
        "articles:\n  - id: harbour\n    title: The harbour\n    tags:\n"
        "      - {id: jobs, kind: indicator, name: Jobs, description: Whether there will be work., cues: [jobs]}\n"
    )
    write(tmp_path, line("c1"), line("c2", parent="c1", author="Rita", recommendations=2), line("c3", status="spam"))
    return tmp_path


def line(seed_id: str, **fields: object) -> dict[str, object]:
    return {
        "id": seed_id,
        "article": "harbour",
        "parent": None,
        "author": "Carl",
        "website": "",
        "time": "2026-03-01T09:00:00Z",
        "status": "approved",
        "text": f"Jobs, says {seed_id}.",
        **fields,
    }


def write(folder: Path, *lines: dict[str, object]) -> None:
    (folder / "discussion.jsonl").write_text("\n".join(json.dumps(row) for row in lines) + "\n")


def seed(folder: Path) -> str:
    out = StringIO()
    call_command("seed", folder=folder, stdout=out)
    return out.getvalue()


def test_the_whole_discussion_is_loaded_counted_and_tagged() -> None:
    call_command("seed", stdout=StringIO())
    thread = Thread.objects.get(pk=Article.objects.get(slug="ukraine").thread_id)
    assert (thread.key, thread.url) == ("ukraine", "/articles/ukraine/")
    by_status = Counter(row["status"] for row in ROWS)
    assert Counter(Comment.objects.values_list("status", flat=True)) == by_status
    assert thread.comment_count == by_status["approved"]
    tagged = Comment.objects.public().exclude(tag_mask=0).count()
    assert sum(FacetCount.objects.values_list("count", flat=True)) == tagged > 0
    assert not Comment.objects.untagged().exists()
    assert Tag.objects.filter(thread=thread).count() == 7
    for row in Comment.objects.annotate(thumbs=Count("recommendations", distinct=True)):
        assert row.thumbs == row.recommendation_count
    assert Report.objects.count() == sum(len(row.get("reports", [])) for row in ROWS)


def test_counters_are_what_a_recount_gives() -> None:
    call_command("seed", stdout=StringIO())
    rows = {row.pk: row for row in Comment.objects.all()}
    for row in rows.values():
        public = [other for other in rows.values() if other.parent_id == row.pk and other.is_public]
        below = [other for other in rows.values() if other.root_id == row.pk and other.is_public]
        assert row.reply_count == len(public)
        assert row.descendant_count == len(below)
        assert sorted(other.ordinal for other in below) == list(range(1, len(below) + 1))
        assert row.is_listed == row.is_public


def test_a_second_run_adds_nothing(folder: Path) -> None:
    assert seed(folder) == "Added 1 articles, 1 taxonomies and 3 comments; tagged 3.\n"
    before = list(Comment.objects.order_by("pk").values())
    assert seed(folder) == "Added 0 articles, 0 taxonomies and 0 comments; tagged 0.\n"
    assert list(Comment.objects.order_by("pk").values()) == before


def test_time_status_author_and_parent_are_those_of_the_file(folder: Path) -> None:
    seed(folder)
    first, second, third = Comment.objects.order_by("pk")
    assert first.created_at.isoformat() == "2026-03-01T09:00:00+00:00"
    assert (second.parent, second.root, second.depth, second.author_name) == (first, first, 1, "Rita")
    assert second.recommendation_count == 2
    assert third.status == Status.SPAM
    event = ModerationEvent.objects.get()
    assert (event.comment, event.from_status, event.to_status, event.by) == (third, "pending", "spam", None)


def test_one_author_is_one_commenter_with_a_made_up_address(folder: Path) -> None:
    seed(folder)
    assert Commenter.objects.count() == 2
    for commenter in Commenter.objects.all():
        assert privacy.open_address(commenter).endswith("@example.org")
    carl = Comment.objects.filter(author_name="Carl")
    assert len({row.reader_id for row in carl}) == 1


def test_what_a_moderator_decided_stays(folder: Path, mona: User) -> None:
    seed(folder)
    comment = Comment.objects.order_by("pk")[0]
    moderation.decide(
        comment, to="rejected", by=mona, seen=moderation.Seen("approved", comment.revision), reason="off_topic"
    )
    seed(folder)
    comment.refresh_from_db()
    assert comment.status == Status.REJECTED


def test_what_readers_wrote_stays(folder: Path) -> None:
    seed(folder)
    posting.post(
        Thread.objects.get(), drafts.Draft(body="Mine.", name="Sam", email="sam@example.org"), posting.Origin()
    )
    seed(folder)
    assert [comment.body for comment in Comment.objects.filter(author_name="Sam")] == ["Mine."]
    assert Comment.objects.count() == 4


def test_what_an_editor_wrote_stays(folder: Path) -> None:
    seed(folder)
    Article.objects.update(title="The port")
    Tag.objects.update(name="Work")
    seed(folder)
    assert Article.objects.get().title == "The port"
    assert Tag.objects.get().name == "Work"


def test_what_was_erased_does_not_come_back(folder: Path) -> None:
    seed(folder)
    Comment.objects.get(status=Status.SPAM).delete()
    seed(folder)
    assert Comment.objects.count() == 2
    assert SeededComment.objects.get(seed_id="c3").comment is None


def test_a_longer_file_adds_its_new_lines(folder: Path) -> None:
    seed(folder)
    write(folder, line("c1"), line("c2", parent="c1"), line("c3"), line("c4", parent="c1", author="Rita"))
    seed(folder)
    new = Comment.objects.get(html__contains="c4")
    assert new.reader == Comment.objects.get(html__contains="c2").reader
    assert Comment.objects.order_by("pk")[0].descendant_count == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (line("c9", status="loud"), "line 2: id, article, author, text or status is missing or wrong"),
        (line("c9", time="yesterday"), "line 2: this is no comment"),
        (line("c9", parent="c8"), "line 2: the id repeats, or the parent does not stand above"),
        (line("c1"), "line 2: the id repeats"),
        (line("c9", article="port"), "names the article 'port', which is not in the database"),
    ],
)
def test_a_faulty_file_is_refused_whole(folder: Path, fault: dict[str, object], said: str) -> None:
    write(folder, line("c1"), fault)
    with pytest.raises(CommandError, match=said):
        seed(folder)
    assert not Comment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_seeding_that_dies_leaves_nothing_half(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def die(row: object, comment: Comment, others: object) -> None:
        calls.append(comment)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(seeding, "_seed_reactions", die)
    with pytest.raises(KeyboardInterrupt):
        seed(folder)
    monkeypatch.undo()
    assert not Comment.objects.exists()
    assert Thread.objects.get().comment_count == 0
    seed(folder)
    assert Comment.objects.count() == 3


def test_a_file_without_front_matter_is_refused(folder: Path) -> None:
    (folder / "article.md").write_text("Just text.")
    with pytest.raises(CommandError, match="front matter"):
        seed(folder)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        seed(tmp_path / "nowhere")
