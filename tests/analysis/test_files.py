"""The line formats: what is read, and how each wrong line is refused with its place."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.files import CommentLine, FileError, contexts_for, read_comments, tagged_line
from analysis.taggers import Outcome, Span, Tagged, TagScore, Verdict
from analysis.taxonomy import ArticleTaxonomy, TagDefinition

TAGS = (TagDefinition("permit", "indicator", "Permit", ""), TagDefinition("quay", "position", "Quay", ""))
HARBOUR = ArticleTaxonomy("harbour", "The harbour", TAGS)
BRIDGE = ArticleTaxonomy("bridge", "The bridge", TAGS[:1])


@pytest.fixture
def write(tmp_path):
    def write(*lines: str | bytes):
        path = tmp_path / "in.jsonl"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
        return path

    return write


def test_lines_are_read_and_unknown_fields_are_passed_over(write):
    path = write(
        '\ufeff{"id": "c1", "article": "harbour", "text": "Привіт", "tags": ["quay"], "neg": ["permit"], "x": {}}',
        "",
        '{"id": 7, "article": "bridge", "text": ""}',
    )
    assert read_comments(path, [HARBOUR, BRIDGE]) == (
        CommentLine("c1", "harbour", "Привіт", frozenset({"quay"}), frozenset({"permit"}), 1),
        CommentLine(7, "bridge", "", None, None, 3),
    )


def test_the_article_may_be_left_out_where_there_is_one(write):
    (comment,) = read_comments(write('{"id": "c1", "text": "t"}'), [HARBOUR])
    assert comment.article == "harbour"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"id": ' + "9" * 5000 + "}", "not valid JSON"),
        (b'{"id": "\xff"}', "not UTF-8 at byte 8; save the file as UTF-8"),
        ("[1]", "not an object"),
        ('{"article": "harbour", "text": "t"}', '"id" is missing'),
        ('{"id": true, "article": "harbour", "text": "t"}', '"id" is missing or not a text'),
        ('{"id": "c", "text": "t"}', '"article" is missing'),
        ('{"id": "c", "article": "moon", "text": "t"}', 'no article "moon" (it has bridge, harbour)'),
        ('{"id": "c", "article": "harbour"}', '"text" is missing'),
        ('{"id": "c", "article": "harbour", "text": 3}', '"text" is missing or not a text'),
        ('{"id": "c", "article": "harbour", "text": "t", "tags": "quay"}', '"tags" is not a list'),
        ('{"id": "c", "article": "harbour", "text": "t", "tags": [3]}', '"tags" is not a list of tag ids'),
        ('{"id": "c", "article": "bridge", "text": "t", "tags": ["quay"]}', '"tags" names "quay", which is no tag'),
        ('{"id": "c", "article": "harbour", "text": "t", "neg": ["kay"]}', '"neg" names "kay"'),
        ('{"id": "c", "article": "harbour", "text": "t", "tags": ["quay"], "neg": ["quay"]}', "stands in both"),
        ('{"id": "ok", "article": "harbour", "text": "t"}', 'the id "ok" stands on line 1 already'),
    ],
)
def test_a_wrong_line_is_refused_with_file_and_number(write, line, says):
    path = write('{"id": "ok", "article": "harbour", "text": "t"}', line)
    with pytest.raises(FileError) as refused:
        read_comments(path, [HARBOUR, BRIDGE])
    assert str(refused.value).startswith(f"{path}, line 2: ")
    assert says in str(refused.value)


def test_labels_can_be_demanded_and_examples_may_repeat_an_id(write):
    line = '{"id": "c", "article": "harbour", "text": "t", "tags": []}'
    assert len(read_comments(write(line, line), [HARBOUR], need_tags=True, unique=False)) == 2
    with pytest.raises(FileError, match=r'line 1: "tags" is missing'):
        read_comments(write('{"id": "c", "text": "t"}'), [HARBOUR], need_tags=True)


@pytest.mark.parametrize(
    ("tags", "neg", "judgements"),
    [
        (None, None, (None, None)),
        ({"quay"}, None, (False, True)),
        (set(), None, (False, False)),
        ({"quay"}, set(), (None, True)),
        (set(), {"permit"}, (False, None)),
    ],
)
def test_neg_leaves_the_rest_undecided(tags, neg, judgements):
    comment = CommentLine(
        "c", "harbour", "t", None if tags is None else frozenset(tags), None if neg is None else frozenset(neg)
    )
    assert (comment.judgement("permit"), comment.judgement("quay")) == judgements


def test_contexts_hold_texts_once_and_never_their_labels():
    comments = [CommentLine(number, "harbour", "same", frozenset({"quay"})) for number in range(3)]
    examples = [CommentLine("e", "bridge", "seen", frozenset({"permit"}))]
    contexts = contexts_for([HARBOUR, BRIDGE], comments, examples)
    assert contexts["harbour"].texts == ("same",)
    assert contexts["harbour"].examples == ()
    assert contexts["bridge"].examples[0].tags == {"permit"}


def test_a_tagged_line_keeps_what_is_shown_apart_from_what_is_uncertain():
    scores = (
        TagScore("quay", 0.9, (Span(0, 4),), ("quay",), Verdict.SHOWN),
        TagScore("permit", 0.4, (Span(5, 8),), ("per",), Verdict.UNCERTAIN),
    )
    line = json.loads(tagged_line(CommentLine("c", "harbour", "quay per"), Tagged(Outcome.TAGGED, scores)))
    assert line == {
        "id": "c",
        "outcome": "tagged",
        "tags": [{"tag": "quay", "confidence": 0.9, "evidence": [{"start": 0, "end": 4}]}],
        "uncertain": [{"tag": "permit", "confidence": 0.4, "evidence": [{"start": 5, "end": 8}]}],
    }


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_but_never_crash(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "in.jsonl"
    path.write_bytes(data)
    with suppress(FileError):
        read_comments(path, [HARBOUR])
