"""`manage.py score_tagger`: the counting rules and what it prints."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from analysis.scores import Judged, TagFigures, measure, reliability

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
        "macro_f1", "micro_precision", "micro_recall", "micro_f1", "comments_per_second", "tags", "reliability",
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


def test_the_reliability_table_holds_what_was_said_against_what_was_so(score):
    bands = json.loads(score(RIGHT, MISSED, WRONG, json=True))["reliability"]
    assert sum(band["number"] for band in bands) == 9
    top = bands[-1]
    assert (top["number"], top["observed"]) == (2, 0.5)
    assert top["from"] <= top["predicted"] <= top["to"]
    assert "said to be probable" in score(RIGHT, MISSED, WRONG)


def test_a_band_holds_its_lower_edge_and_the_last_one_both():
    bands = reliability([Judged("a", True, True, 1.0), Judged("a", False, True, 0.9), Judged("a", True, False, 0.3)])
    assert [(band.low, band.number, band.observed) for band in bands] == [(0.3, 1, 1.0), (0.9, 2, 0.5)]


def test_the_worst_mistakes_are_quoted_on_one_line_and_not_in_json(score):
    hostile = line(4, "The dredging\n\x1b[31m permit " + "of my bathtub " * 50, [])
    table = score(RIGHT, MISSED, hostile)
    assert "Missed, the least likely first:" in table
    assert "They mean the boats." in table
    wrong = next(row for row in table.splitlines() if "of my bathtub" in row)
    assert "dredging  4: The dredging" in wrong
    assert len(wrong) < 140
    assert "\x1b" not in table
    assert "bathtub" not in score(RIGHT, MISSED, hostile, json=True)


def test_a_tagger_is_chosen_by_name(score):
    chosen = score(RIGHT, MISSED, WRONG, tagger="analysis.taggers.lexical.LexicalTagger")
    assert chosen.splitlines()[1:5] == score(RIGHT, MISSED, WRONG).splitlines()[1:5]


@pytest.mark.parametrize("name", ["oracle", "analysis.nowhere.Tagger"])
def test_a_tagger_that_is_not_there_is_refused_with_its_name(score, name):
    with pytest.raises(CommandError, match=f"The tagger '{name}' cannot be had"):
        score(RIGHT, tagger=name)


def test_a_tagger_whose_model_is_missing_is_refused_with_what_to_do(score, settings, tmp_path):
    settings.ANALYSIS = {"MODEL_DIR": str(tmp_path / "nothing")}
    with pytest.raises(CommandError, match="The tagger 'embeddings' cannot be had"):
        score(RIGHT, tagger="embeddings")
