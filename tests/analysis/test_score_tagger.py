"""`manage.py score_tagger`: the counting rules and what it prints."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from analysis.scores import Judged, TagFigures, measure

TAXONOMY = """
articles:
  - id: harbour
    tags:
      - {id: dredging, kind: indicator, name: The Dredging Permit, description: ""}
      - {id: quay, kind: position, name: The fishermen's quay, description: ""}
      - {id: unused, kind: position, name: Lighthouse, description: ""}
  - id: bridge
    tags:
      - {id: quay, kind: position, name: The bridge quay, description: ""}
"""


@pytest.fixture
def score(tmp_path):
    def score(*lines: dict, **options) -> str:
        (tmp_path / "t.yaml").write_text(TAXONOMY, encoding="utf-8")
        (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        out = io.StringIO()
        paths = {"taxonomy": str(tmp_path / "t.yaml"), "comments": str(tmp_path / "in.jsonl")}
        call_command("score_tagger", **paths, stdout=out, **options)
        return out.getvalue()

    return score


def line(number: int, text: str, tags: list[str] | None, **more) -> dict:
    return {"id": str(number), "article": "harbour", "text": text, **({} if tags is None else {"tags": tags}), **more}


RIGHT = line(1, "The dredging permit, dredging!", ["dredging"])
MISSED = line(2, "They mean the boats.", ["quay"])
WRONG = line(3, "A dredging permit for my bathtub.", [])


def test_json_is_one_object_with_the_promised_keys(score):
    figures = json.loads(score(RIGHT, MISSED, WRONG, json=True))
    assert set(figures) == {
        "macro_f1", "micro_precision", "micro_recall", "micro_f1", "comments_per_second", "tags",
    }  # fmt: skip
    assert figures["tags"]["dredging"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1}
    assert (figures["micro_precision"], figures["micro_recall"], figures["micro_f1"]) == (0.5, 0.5, 0.5)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 0) / 2, abs=1e-4)  # the tags that occur: dredging and quay
    assert figures["comments_per_second"] > 0


def test_tags_in_neither_list_count_neither_way(score):
    undecided = json.loads(score(RIGHT, {**WRONG, "neg": ["quay"]}, json=True))
    assert undecided["micro_precision"] == 1.0
    judged = json.loads(score(RIGHT, {**WRONG, "neg": ["dredging"]}, json=True))
    assert judged["micro_precision"] == 0.5


def test_comments_are_held_against_the_tags_of_their_own_article(score):
    elsewhere = {"id": "9", "article": "bridge", "text": "The dredging permit.", "tags": []}
    figures = json.loads(score(RIGHT, elsewhere, json=True))
    assert figures["micro_precision"] == 1.0
    assert {"harbour/quay", "bridge/quay"} <= set(figures["tags"])  # one id in two articles is two tags


def test_unlabelled_comments_do_not_count_but_some_label_is_needed(score):
    assert json.loads(score(RIGHT, line(5, "dredging permit", None), json=True))["micro_precision"] == 1.0
    with pytest.raises(CommandError, match='no line has "tags"'):
        score(line(5, "dredging permit", None))


def test_without_json_a_table_is_printed(score):
    table = score(RIGHT, MISSED, WRONG)
    assert table.splitlines()[0].split() == ["tag", "precision", "recall", "F1", "support"]
    assert "dredging" in table
    assert "Mean F1 of the tags that occur: 0.333." in table


def test_a_bad_line_is_named(score):
    with pytest.raises(CommandError, match=r'in\.jsonl, line 1: "tags" names "boats"'):
        score(line(1, "t", ["boats"]))


def test_nothing_counted_is_zero_and_not_an_error():
    figures = measure([])
    assert (figures.macro_f1, figures.overall) == (0.0, TagFigures())
    only_false = measure([Judged("a", False, True)])
    assert (only_false.macro_f1, only_false.tags["a"].precision, only_false.tags["a"].f1) == (0.0, 0.0, 0.0)
