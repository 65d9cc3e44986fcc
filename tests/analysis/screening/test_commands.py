"""`train_screen` and `score_screen`, as an outsider runs them."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analysis.models import ScreenModel, ScreenPolicy
from analysis.screening import screen
from comments.screening.verdict import Facts, Outcome

from .conftest import made

pytest.importorskip("sklearn")


@pytest.fixture
def write_file(tmp_path):
    def write(examples, name="labelled.jsonl"):
        path = tmp_path / name
        lines = [
            json.dumps({"id": at, "text": one.text, "author": one.name, "website": one.website, "label": one.label})
            for at, one in enumerate(examples)
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return write


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def score(*arguments):
    return json.loads(run("score_screen", *arguments, "--json"))


def test_a_model_of_one_file_is_measured_on_another(write_file, tmp_path):
    first, second = write_file(made(200)), write_file(made(200, seed=2), "rest.jsonl")
    model = str(tmp_path / "model.json")
    said = run("train_screen", "--labelled", first, "--out", model)
    assert "200 comments: 100 spam" in said
    figures = score("--labelled", second, "--model", model)
    assert figures["spam_f1"] > 0.95
    assert figures["ham_to_spam"] <= 0.02
    assert figures["comments_per_second"] > 0
    assert {"spam_precision", "spam_recall", "ham_held", "reliability"} <= figures.keys()
    assert score("--labelled", second, "--train", first)["spam_f1"] == figures["spam_f1"]


def test_the_first_lines_teach_and_the_rest_is_measured(write_file):
    figures = score("--labelled", write_file(made(300)), "--train", "200")
    assert figures["number"] == 100
    assert figures["spam_f1"] > 0.95


def test_without_a_model_the_prior_is_measured_alone(write_file):
    figures = score("--labelled", write_file(made(40)))
    assert figures["number"] == 40
    assert "The prior alone on 40 comments" in run("score_screen", "--labelled", write_file(made(40)))


def test_the_report_names_mistakes_without_what_a_terminal_would_obey(write_file):
    wrong = made(40)
    odd = [type(one)("spam", "\x1b[31m plain words " + one.text, one.owner) for one in wrong if one.label == "ham"]
    said = run("score_screen", "--labelled", write_file(odd), "--train", write_file(wrong, "learn.jsonl"))
    assert "Published, the least likely first" in said
    assert "\x1b" not in said


@pytest.mark.django_db
def test_what_a_file_taught_decides_at_once(write_file):
    assert screen.learned(Facts(text="lamps sofas carpets")) is None
    assert "Stored as version 1" in run("train_screen", "--labelled", write_file(made(200)))
    screen.forget()
    found = screen.learned(Facts(text="lamps sofas carpets mirrors", name="Sofa World"))
    assert found.outcome is Outcome.SPAM
    assert found.code == "learned"
    assert found.risk > 0.9
    assert "%: " in found.detail
    assert {"sofa", "world"} <= set(found.found)
    quiet = screen.learned(Facts(text="it is the library of my school", name="Carl"))
    assert (quiet.outcome, quiet.detail) == (Outcome.PUBLISH, "")
    assert screen.learned(Facts(text="lamps sofas carpets mirrors", is_staff=True)) is None
    assert ScreenModel.objects.get().is_live
    assert ScreenPolicy.objects.get().is_held, "the next decisions of moderators do not push it aside"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("nonsense", "line 2: not valid JSON"),
        ("[]", "line 2: not an object"),
        ('{"text": "a", "label": "ham"}', 'line 2: "id" is missing'),
        ('{"id": 5, "label": "ham"}', 'line 2: "text" is missing'),
        ('{"id": 5, "text": 7, "label": "ham"}', 'line 2: "text" is missing'),
        ('{"id": 5, "text": "a"}', 'line 2: "label" is none of'),
        ('{"id": 5, "text": "a", "label": "bad"}', 'line 2: "label" is none of'),
        ('{"id": 5, "text": "a", "label": ["ham"]}', 'line 2: "label" is none of'),
        ('{"id": 5, "text": "a", "label": "ham", "author": 3}', 'line 2: "author" is not a text'),
        ('{"id": 5, "text": "a", "label": "ham", "website": {}}', 'line 2: "website" is not a text'),
        ('{"id": 1, "text": "a", "label": "ham"}', "the id 1 stands on line 1 already"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, fault):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": 1, "text": "a", "label": "ham"}\n' + line + "\n")
    for command in ("train_screen", "score_screen"):
        with pytest.raises(CommandError, match=fault):
            run(command, "--labelled", str(path))


def test_odd_texts_are_read(tmp_path):
    path = tmp_path / "in.jsonl"
    odd = ["", "\x00", "\ud800 lone", "٣" * 50, "x" * 50_000, "<script>"]
    lines = [json.dumps({"id": f"\ud800{at}", "text": text, "label": "ham", "website": text, "author": text})
             for at, text in enumerate(odd)]  # fmt: skip
    path.write_text("\n".join(lines))
    assert score("--labelled", str(path))["number"] == len(odd)


@pytest.mark.parametrize("content", ["", "{}", "[1", '{"format": 1}', "\xff"])
def test_a_file_that_is_no_model_is_refused(tmp_path, write_file, content):
    model = tmp_path / "model.json"
    model.write_text(content, encoding="latin-1")
    with pytest.raises(CommandError, match=r"train_screen|features"):
        run("score_screen", "--labelled", write_file(made(8)), "--model", str(model))


def test_files_that_are_not_there_or_too_small_are_named(tmp_path, write_file):
    with pytest.raises(CommandError, match="Check the path"):
        run("train_screen", "--labelled", str(tmp_path / "none.jsonl"))
    with pytest.raises(CommandError, match="label at least 4"):
        run("train_screen", "--labelled", write_file(made(6)))
    with pytest.raises(CommandError, match="leave some"):
        run("score_screen", "--labelled", write_file(made(6)), "--train", "6")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(CommandError, match="no line in it"):
        run("train_screen", "--labelled", str(tmp_path / "empty.jsonl"))
