"""`manage.py screen_file`: a verdict for each text, with its reasons. No database is there to be touched."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from comments.conf import DEFAULT_SCREENS
from comments.models import Comment
from comments.screening import Facts, Outcome, Verdict

LINES = [
    {"id": "c1", "article": "harbour", "text": "The bay **silts** up.", "tags": ["dredging"], "unknown": 1},
    {"id": 2, "text": "https://a.example https://b.example https://c.example"},
    {"id": "c3", "text": "I am in charge here.", "author": "Аdmіn"},
]


LIKE_SPAM = {"code": "prior", "detail": "85 %: https://a.example, https://b.example"}
"""Nothing but links."""


@pytest.fixture(autouse=True)
def _shipped_screens(settings):
    """The screens of the plugin; a site may add some that look into the database."""
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": DEFAULT_SCREENS}


@pytest.fixture
def screened(tmp_path):
    """Run the command over these lines (or this raw text) and read what it says."""

    def run(lines, **options):
        raw = lines if isinstance(lines, bytes) else "".join(json.dumps(line) + "\n" for line in lines).encode()
        (tmp_path / "in.jsonl").write_bytes(raw)
        out = io.StringIO()
        call_command("screen_file", comments=str(tmp_path / "in.jsonl"), stdout=out, **options)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return run


def test_each_text_gets_a_verdict_and_its_reasons_in_order(screened):
    assert screened(LINES) == [
        {"id": "c1", "verdict": "publish", "reasons": []},
        {"id": 2, "verdict": "hold", "reasons": [{"code": "links", "detail": "3"}, LIKE_SPAM]},
        {
            "id": "c3",
            "verdict": "hold",
            "reasons": [
                {
                    "code": "reserved_name",
                    "detail": "This name is reserved for the staff of this site. Please choose another.",
                }
            ],
        },
    ]


def test_out_writes_a_file_and_nothing_else_is_said(screened, tmp_path, capsys):
    assert screened(LINES, out=str(tmp_path / "out.jsonl")) == []
    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in written] == ["publish", "hold", "hold"]
    assert capsys.readouterr().err == ""  # a progress bar is for terminals


@pytest.mark.django_db
def test_nothing_is_stored(screened, django_assert_num_queries):
    with django_assert_num_queries(0):
        screened(LINES)
    assert not Comment.objects.exists()


def test_a_plain_comment_is_not_held_for_being_the_first(screened, settings):
    settings.COMMENTS = {**settings.COMMENTS, "MODE": "hold_all"}
    assert screened([{"id": 1, "text": "Good evening."}])[0]["verdict"] == "publish"


def test_the_sites_own_words_and_screens_are_asked(screened, settings):
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("casino",)}
    assert screened([{"id": 1, "text": "My casino!"}])[0]["reasons"] == [{"code": "blocked_word", "detail": "casino"}]
    assert screened([{"id": 1, "text": "x", "website": "casino.example"}])[0]["verdict"] == "hold"
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": (f"{__name__}.everything_is_spam",)}
    assert screened([{"id": 1, "text": "x"}])[0] == {
        "id": 1,
        "verdict": "spam",
        "reasons": [{"code": "x", "detail": ""}],
    }


def everything_is_spam(facts: Facts) -> Verdict:
    return Verdict(Outcome.SPAM, "x")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": " \u200b "}, "empty"),
        ({"text": "x" * 10_001}, "too_long"),
        ({"text": "x", "author": "n" * 61}, "name"),
        ({"text": "x", "website": "javascript:alert(1)"}, "website"),
    ],
)
def test_what_no_form_would_take_is_held(fields, code, screened):
    (line,) = screened([{"id": 1, **fields}])
    assert (line["verdict"], [reason["code"] for reason in line["reasons"]]) == ("hold", [code])


def test_hostile_texts_are_screened_like_others(screened):
    texts = [">" * 100_000, "[" * 9_000, "\x00\ud800", "<script>" * 500, "*a " * 3_000]
    assert len(screened([{"id": number, "text": text} for number, text in enumerate(texts)])) == len(texts)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"id": "c1", "text": "t"}\n{"id"\n', r"in\.jsonl, line 2: not valid JSON"),
        (b'{"id": "c1", "text": "t"}\n\n[1]\n', r"line 3: not an object"),
        (b'{"text": "t"}', r'line 1: "id" is missing'),
        (b'{"id": true, "text": "t"}', r'line 1: "id" is missing'),
        (b'{"id": 1}', r'line 1: "text" is missing'),
        (b'{"id": 1, "text": ["t"]}', r'line 1: "text" is missing or not a text'),
        (b'{"id": 1, "text": "t", "author": {"name": "x"}}', r'line 1: "author" is not a text'),
        (b'{"id": 1, "text": "caf\xe9"}', r"line 1: not UTF-8 at byte 22"),
        (b"[" * 100_000, r"line 1: not valid JSON"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(raw, said, screened, tmp_path):
    with pytest.raises(CommandError, match=said):
        screened(raw, out=str(tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl").exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"gone\.jsonl: No such file or directory\. Check the path\."):
        call_command("screen_file", comments=str(tmp_path / "gone.jsonl"))


def test_a_file_with_a_byte_order_mark_is_read(screened):
    assert screened(b'\xef\xbb\xbf{"id": 1, "text": "t"}')[0]["verdict"] == "publish"
