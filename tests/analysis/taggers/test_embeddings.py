"""The tagger `embeddings`: the lexical scorer with meaning beside it, over a model of chance and over the real one."""

from __future__ import annotations

import random

import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install '.[embeddings]'")

from analysis.taggers import LEXICAL, LabelledText, Outcome, PreparedTagger, Tagger, TaggingContext  # noqa: E402
from analysis.taggers.embeddings import FEATURES, FEWEST_TEXTS, TAUGHT_FEATURES, EmbeddingsTagger, sentence_spans  # noqa: E402
from analysis.taggers.encoder import Encoder  # noqa: E402
from analysis.taggers.vectors import RecentVectors  # noqa: E402
from analysis.taxonomy import TagDefinition  # noqa: E402
from tests.analysis.conftest import REAL_MODEL, TinyModel  # noqa: E402

TAGS = (
    TagDefinition("library", "indicator", "Library hours", "Whether the library opens on Sunday."),
    TagDefinition("tax", "position", "The harbour tax", "The tax on ships is too high.", ("port dues",)),
    TagDefinition("ferry", "indicator", "The ferry", "Whether the ferry runs in winter."),
)


class CountingEncoder:
    """The tiny encoder, and how often it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.size = encoder.size
        self.calls = 0

    def encode(self, sentences):
        self.calls += 1
        return self._encoder.encode(sentences)


@pytest.fixture
def encoder(tiny: TinyModel) -> CountingEncoder:
    return CountingEncoder(Encoder.load(tiny.folder, tiny.release))


@pytest.fixture
def tagger(encoder, tiny) -> EmbeddingsTagger:
    return EmbeddingsTagger(encoder, release=tiny.release)


@pytest.fixture
def texts() -> tuple[str, ...]:
    """Enough comments for an article to have a middle."""
    chance = random.Random(2)
    words = ["library", "sunday", "tax", "port", "ferry", "harbour", "high", "open", "the", "is", "winter", "dues"]
    return tuple(" ".join(chance.choices(words, k=9)) + f" {at}." for at in range(FEWEST_TEXTS + 5))


def test_it_tags_what_the_words_name_and_shows_them(tagger):
    text = "The library should open on Sunday. Nothing else matters."
    answer = tagger.tag(text, TAGS)
    assert answer.outcome is Outcome.TAGGED
    best = answer.tags[0]
    assert best.tag == "library"
    assert best.words == tuple(text[span.start : span.end] for span in best.evidence)
    assert "library" in " ".join(best.words)


def test_it_follows_the_protocol(tagger, tiny):
    assert isinstance(tagger, Tagger)
    assert isinstance(tagger.prepare(TAGS), PreparedTagger)
    assert tagger.name == "embeddings"
    assert tagger.version.endswith(tiny.release.files["model.safetensors"][:8])


def test_tagging_again_encodes_nothing(tagger, encoder, texts):
    prepared = tagger.prepare(TAGS, TaggingContext(texts=texts))
    before = [prepared.tag(text) for text in texts]
    encoder.calls = 0
    again = tagger.prepare(TAGS, TaggingContext(texts=texts))
    assert [again.tag(text) for text in texts] == before
    assert encoder.calls == 0


def test_a_stored_text_gets_the_same_tags_in_another_process(tiny, texts):
    store = RecentVectors()
    answers = []
    for _ in range(2):
        made = EmbeddingsTagger.load(tiny.folder, store=store, release=tiny.release)
        prepared = made.prepare(TAGS, TaggingContext(texts=texts))
        answers.append([prepared.tag(text) for text in texts])
    fresh = EmbeddingsTagger.load(tiny.folder, release=tiny.release).prepare(TAGS, TaggingContext(texts=texts))
    assert answers[0] == answers[1] == [fresh.tag(text) for text in texts]


@pytest.mark.parametrize("damage", [b"", b"short", bytes(12 * 400)])
def test_what_a_store_has_damaged_is_encoded_anew(tiny, damage):
    class Damaged(RecentVectors):
        def get(self, digest):
            return damage

    made = EmbeddingsTagger.load(tiny.folder, store=Damaged(), release=tiny.release)
    whole = EmbeddingsTagger.load(tiny.folder, release=tiny.release)
    assert made.tag("The ferry. Open.", TAGS) == whole.tag("The ferry. Open.", TAGS)


def test_every_tag_has_a_row_of_features(tagger, texts):
    for context in (TaggingContext(), TaggingContext(texts=texts)):
        rows, taught = tagger.prepare(TAGS, context).features("The library is open.")
        assert rows.shape == (len(TAGS), len(FEATURES))
        assert np.isfinite(rows).all()
        assert np.shape(taught) == ((len(TAGS), len(TAUGHT_FEATURES)) if context.texts else (0,))
        assert rows[:, FEATURES.index("top")].sum() == 1


def test_similarity_is_centred_on_the_article(tagger, texts):
    prepared = tagger.prepare(TAGS, TaggingContext(texts=texts))
    meaning = np.stack([prepared.features(text)[0][:, FEATURES.index("meaning")] for text in texts])
    expected = np.stack([tagger.prepare(TAGS).features(text)[0][:, FEATURES.index("meaning")] for text in texts])
    assert np.abs(meaning.mean(axis=0)).max() < np.abs(expected.mean(axis=0)).max()


def test_a_comment_does_not_confirm_itself(tagger, texts):
    """Among the article's comments or not, others teach the same of a text but for its share in what is usual."""
    told = TAUGHT_FEATURES.index("taught")
    text = "The library should open on Sunday, the library hours, library."
    inside = tagger.prepare(TAGS, TaggingContext(texts=(*texts, text))).features(text)[1]
    outside = tagger.prepare(TAGS, TaggingContext(texts=texts)).features(text)[1]
    assert [row[told] for row in inside] == pytest.approx([row[told] for row in outside], abs=0.5)


def test_examples_teach_the_same_each_time_and_where_models_are_kept_leave_the_score_alone(tagger, texts):
    examples = tuple(
        LabelledText(text, frozenset({"ferry"} if "winter" in text else ())) for text in texts if len(text) > 10
    )
    assert sum(bool(one.tags) for one in examples) >= 3
    plain = tagger.prepare(TAGS, TaggingContext(texts=texts)).zero_shot(texts[0])
    kept = tagger.prepare(TAGS, TaggingContext(texts=texts, examples=examples, models={}))
    assert kept.zero_shot(texts[0]) == plain
    taught = tagger.prepare(TAGS, TaggingContext(texts=texts, examples=examples))
    assert taught.tag(texts[0]) == tagger.prepare(TAGS, TaggingContext(texts=texts, examples=examples)).tag(texts[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "😀" * 5000,
        "x" * 4000,
        "\u0000\u200b",
        "\ud800",
        "?!",
        "日本語のコメント。図書館。",
        "(" * 3000,
        "a-" * 3000,
    ],
)
def test_nothing_that_can_be_typed_breaks_it(tagger, text):
    answer = tagger.tag(text, TAGS)
    for score in answer.tags:
        assert score.evidence
        assert all(0 <= span.start < span.end <= len(text) for span in score.evidence)


@pytest.mark.parametrize("text", ["", "😀" * 50, "?!"])
def test_a_text_without_words_gets_no_tag(tagger, text):
    assert tagger.tag(text, TAGS).outcome is Outcome.NONE


def test_an_article_without_tags_gives_none(tagger):
    assert tagger.tag("The library.", ()).outcome is Outcome.NONE
    assert tagger.prepare(()).zero_shot("The library.") == []


def test_an_article_with_one_tag_has_no_rivals(tagger):
    rows, _taught = tagger.prepare(TAGS[:1]).features("The library is open.")
    leads = [FEATURES.index(name) for name in ("meaning_lead", "top", "apart_lead")]
    assert rows[0, leads].tolist() == [0, 0, 0]


def test_sentences_begin_and_end_with_their_words():
    text = "  One two.  Three! \n\n Four"
    assert [text[span.start : span.end] for span in sentence_spans(text)] == ["One two", "Three", "Four"]


@pytest.mark.model
def test_the_real_model_finds_what_shares_no_word_with_its_tag():
    tagger = EmbeddingsTagger.load(REAL_MODEL)
    text = "I walked past. Borrowing novels after church would be lovely, but the doors stay shut all weekend."
    ranked = sorted(zip(tagger.prepare(TAGS).zero_shot(text), TAGS, strict=True), key=lambda pair: -pair[0])
    assert ranked[0][1].id == "library"
    assert LEXICAL.prepare(TAGS).zero_shot(text)[0] < ranked[0][0]
