"""`manage.py tag_file` and `propose_taxonomy`: flags, formats, refusals. No database is there to be touched."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

TAXONOMY = """
articles:
  - id: harbour
    title: The harbour
    tags:
      - {id: dredging, kind: indicator, name: The Dredging Permit, description: "May the port dredge?", cues: [silt]}
      - {id: quay, kind: position, name: The fishermen's quay, description: ""}
"""
COMMENTS = [
    {"id": "c1", "article": "harbour", "text": "The dredging permit 😀 is a scandal, much silt.", "tags": ["dredging"]},
    {"id": "c2", "article": "harbour", "text": "Good evening, everybody.", "tags": []},
]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "t.yaml").write_text(TAXONOMY, encoding="utf-8")
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(one) + "\n" for one in COMMENTS), encoding="utf-8")
    return tmp_path


def tag(files, **options) -> list[dict]:
    out = io.StringIO()
    call_command("tag_file", taxonomy=str(files / "t.yaml"), comments=str(files / "in.jsonl"), stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_comment_gets_a_line_in_order_on_standard_output(files):
    first, second = tag(files)
    assert (first["id"], first["outcome"]) == ("c1", "tagged")
    assert second == {"id": "c2", "outcome": "none", "tags": [], "uncertain": []}


def test_evidence_counts_characters_of_the_text(files):
    ((score,), text) = tag(files)[0]["tags"], COMMENTS[0]["text"]
    assert score["tag"] == "dredging"
    assert 0.5 <= score["confidence"] <= 1
    quoted = [text[span["start"] : span["end"]] for span in score["evidence"]]
    assert quoted == ["dredging permit", "silt"]


def test_out_writes_the_lines_to_a_file_and_nothing_else_is_said(files, capsys):
    assert tag(files, out=str(files / "out.jsonl")) == []
    written = (files / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in written] == ["c1", "c2"]
    assert capsys.readouterr().err == ""  # a progress bar is for terminals


def test_examples_are_read_and_have_to_be_labelled(files):
    (files / "e.jsonl").write_text('{"id": "e", "text": "x", "tags": ["quay"]}\n', encoding="utf-8")
    assert len(tag(files, examples=str(files / "e.jsonl"))) == 2
    (files / "e.jsonl").write_text('{"id": "e", "text": "x"}\n', encoding="utf-8")
    with pytest.raises(CommandError, match=r'e\.jsonl, line 1: "tags" is missing'):
        tag(files, examples=str(files / "e.jsonl"))


def test_a_tagger_is_chosen_by_name_and_refused_where_it_is_not_there(files):
    assert tag(files, tagger="analysis.taggers.lexical.LexicalTagger") == tag(files)
    with pytest.raises(CommandError, match="The tagger 'oracle' cannot be had"):
        tag(files, tagger="oracle")


def test_a_bad_line_is_named_and_nothing_is_written(files):
    (files / "in.jsonl").write_text('{"id": "c1", "text": "t"}\n{"id"\n', encoding="utf-8")
    with pytest.raises(CommandError, match=r"in\.jsonl, line 2: not valid JSON"):
        tag(files, out=str(files / "out.jsonl"))
    assert not (files / "out.jsonl").exists()


def test_a_bad_taxonomy_is_refused_in_its_own_words(files):
    (files / "t.yaml").write_text("articles: 3", encoding="utf-8")
    with pytest.raises(CommandError, match="not a list"):
        tag(files)


def test_a_missing_file_is_named(files):
    (files / "in.jsonl").unlink()
    with pytest.raises(CommandError, match=r"in\.jsonl: No such file or directory\. Check the path\."):
        tag(files)


def test_an_article_becomes_a_taxonomy_on_standard_output(files):
    (files / "article.md").write_text("# Bay\n\n1. **The tide.** Does it rise?\n", encoding="utf-8")
    out = io.StringIO()
    call_command("propose_taxonomy", str(files / "article.md"), stdout=out)
    (files / "t.yaml").write_text(out.getvalue(), encoding="utf-8")
    (files / "in.jsonl").write_text('{"id": "c", "text": "The tide rises, this tide."}\n', encoding="utf-8")
    assert tag(files)[0]["tags"][0]["tag"] == "tide"


def test_an_article_without_marks_proposes_nothing_and_says_so(files):
    (files / "article.txt").write_text("Only a few plain words.", encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    call_command("propose_taxonomy", str(files / "article.txt"), stdout=out, stderr=err)
    assert "tags: []" in out.getvalue()
    assert "write the tags by hand" in err.getvalue()


def test_an_article_that_cannot_be_read_is_refused(files):
    (files / "article.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CommandError, match="not UTF-8 at byte 3"):
        call_command("propose_taxonomy", str(files / "article.txt"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("propose_taxonomy", str(files / "gone.md"))
