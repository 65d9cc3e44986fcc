"""The taxonomy file: what is read, what is refused and with which words, and what is proposed from an article."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.taxonomy import (
    MAX_TAGS,
    ArticleTaxonomy,
    TagDefinition,
    TaxonomyError,
    dump_taxonomy,
    propose,
    read_taxonomy,
)

GOOD = """
articles:
  - id: harbour
    title: "A new harbour"
    tags:
      - id: dredging
        kind: indicator
        name: The Dredging Permit
        description: Whether it is granted.
        cues: [silt, "a, b"]
      - {id: fishers, kind: position, name: "", description: The fishers keep their quay.}
"""


def read(text: str) -> tuple[ArticleTaxonomy, ...]:
    return read_taxonomy(io.StringIO(text))


def one_tag(fields: str) -> str:
    return f"articles: [{{id: harbour, title: t, tags: [{{{fields}}}]}}]"


def test_a_taxonomy_is_read_in_the_order_of_the_file(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(GOOD, encoding="utf-8")
    (article,) = read_taxonomy(path)
    assert (article.id, article.title) == ("harbour", "A new harbour")
    assert article.tags == (
        TagDefinition("dredging", "indicator", "The Dredging Permit", "Whether it is granted.", ("silt", "a, b")),
        TagDefinition("fishers", "position", "", "The fishers keep their quay."),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'begin the file with "articles:"'),
        ("articles: 3", "not a list"),
        ("articles: [a]", "Article 1 is a text"),
        ("articles: [{title: t}]", 'Article 1: the field "id" is missing'),
        ("articles: [{id: a, tags: []}, {id: a, tags: []}]", 'Two articles have the id "a"'),
        ("articles: [{id: a}]", 'Article "a": the field "tags" is empty, not a list'),
        (one_tag("kind: position, name: n"), 'Article "harbour", tag 1: the field "id" is missing'),
        (one_tag("id: x, kind: mood, name: n"), 'tag "x": the kind "mood" is unknown; write "indicator" or "position"'),
        (one_tag("id: x, name: n"), 'tag "x": the field "kind" is missing'),
        (one_tag("id: x, kind: position"), "name and description are both empty"),
        (one_tag("id: x, kind: position, name: no"), '"name" is a yes/no value, not text; put it in quotes'),
        (one_tag("id: 20, kind: position, name: n"), '"id" is a number, not text'),
        (one_tag("id: x, kind: position, name: n, description: 2025-12-12"), '"description" is a date'),
        (one_tag("id: x, kind: position, name: n, cues: silt"), '"cues" is a text, not a list'),
        (one_tag("id: x, kind: position, name: n, cues: [20]"), "cue 1 is a number; put the phrase in quotes"),
        ("articles: [{id: h, tags: [{id: x, kind: position, name: n}, {id: x, kind: position, name: m}]}]", "two tags"),
        ("articles: [", "not valid YAML"),
        ("articles: 2025-99-99", "cannot be read as YAML"),
        ("articles: !!python/object/apply:os.getcwd []", "not valid YAML"),
        ("[" * 5000, "YAML"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_the_remedy(text, says):
    with pytest.raises(TaxonomyError) as refused:
        read(text)
    assert says in str(refused.value)


def test_an_article_holds_sixty_two_tags_and_no_more():
    def tags(count: int) -> tuple[TagDefinition, ...]:
        return tuple(TagDefinition(f"t{number}", "position", "n", "") for number in range(count))

    fits = dump_taxonomy([ArticleTaxonomy("a", "", tags(MAX_TAGS))])
    assert len(read(fits)[0].tags) == MAX_TAGS
    with pytest.raises(TaxonomyError, match="has 63 tags; an article holds 62 at most"):
        read(dump_taxonomy([ArticleTaxonomy("a", "", tags(MAX_TAGS + 1))]))


def test_bytes_in_another_encoding_are_refused_not_garbled():
    with pytest.raises(TaxonomyError, match="not valid YAML"):
        read_taxonomy(io.BytesIO("articles: [{id: é}]".encode("latin-1")))


readable = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff")
texts = st.text(readable, max_size=30).map(str.strip)


@given(
    title=texts,
    name=texts,
    description=texts.filter(bool),
    cues=st.lists(texts.filter(bool), unique=True, max_size=4).map(tuple),
)
def test_what_is_dumped_is_read_back_unchanged(title, name, description, cues):
    article = ArticleTaxonomy("a", title, (TagDefinition("t", "indicator", name, description, cues),))
    assert read(dump_taxonomy([article])) == (article,)


ARTICLE = """\
# Will the harbour be dug?

The mayor argues that jobs come first. But environmental groups insist that the bay dies.

Two camps have formed. The port camp wants ships by spring.

## What to watch

1. **The Dredging Permit.** Does the agency grant it? It has until May.
2. **The Fishers' Quay:** is it kept?
3. The budget vote in the council on Monday evening, which nobody can predict. More text.
"""


def test_a_checklist_gives_indicators_and_sides_give_positions():
    proposed = propose(ARTICLE)
    assert (proposed.id, proposed.title) == ("will-harbour-be-dug", "Will the harbour be dug?")
    indicators = [(tag.id, tag.name, tag.description) for tag in proposed.tags if tag.kind == "indicator"]
    assert indicators[:2] == [
        ("dredging-permit", "The Dredging Permit", "Does the agency grant it?"),
        ("fishers-quay", "The Fishers' Quay", "is it kept?"),
    ]
    assert indicators[2][2] == "The budget vote in the council on Monday evening, which nobody can predict."
    positions = {tag.name: tag.description for tag in proposed.tags if tag.kind == "position"}
    assert positions["The port camp"] == "The port camp wants ships by spring."
    assert "The mayor" in positions
    assert "Environmental groups" in positions


def test_html_is_read_like_markdown():
    page = (
        "<html><head><title>x</title><script>var a = '<li>no</li>';</script></head><body><h1>The harbour &amp; us</h1>"
        "<p>Text.</p><ol><li><strong>The Dredging Permit.</strong> Is it granted?</li><li><p>The quay: kept?</p></li>"
    )
    proposed = propose(page)
    assert proposed.title == "The harbour & us"
    assert [(tag.name, tag.description) for tag in proposed.tags] == [
        ("The Dredging Permit", "Is it granted?"),
        ("The quay", "kept?"),
    ]


def test_headings_are_proposed_where_there_is_no_list_and_front_matter_is_heard():
    matter = "---\nid: bay\ntitle: The bay\n---\n\n"
    proposed = propose(matter + "# The bay\n\n## Tides\n\nThey rise. Fast.\n\n## Täler\n\nText.\n")
    assert (proposed.id, proposed.title) == ("bay", "The bay")
    assert [(tag.id, tag.name, tag.description) for tag in proposed.tags] == [
        ("tides", "Tides", "They rise."),
        ("taler", "Täler", "Text."),
    ]


def test_names_in_other_scripts_get_ids_too_and_no_two_the_same():
    proposed = propose("# Порт\n\n- **Дозвіл.** Так?\n- **Причал.** Ні?\n")
    assert [tag.id for tag in proposed.tags] == ["indicator", "indicator-2"]


marks = st.sampled_from(["# ", "- ", "1. ", "**", ":", "\n", "the", " push ", "<p>", "<li>", "---\n", "a"])


@given(st.text(max_size=300) | st.lists(marks).map("".join))
def test_whatever_is_proposed_is_a_taxonomy_that_can_be_read(text):
    proposed = propose(text)
    dumped = dump_taxonomy([proposed])
    assert [tag.id for tag in read(dumped)[0].tags] == [tag.id for tag in proposed.tags]
