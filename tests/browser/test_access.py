"""What helps everybody to read and to write: axe-core on each page and state, and what axe cannot see."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from comments.models import Comment, Thread
from tests.browser.windows import DESK, NARROW, PATH, PHONE, fill, submit

pytestmark = pytest.mark.usefixtures("article")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
State = Callable[[Any, dict[str, Comment]], None]


def check(page: Any, axe: str) -> None:
    """Ask axe-core. No rule is switched off."""
    page.evaluate(axe)
    found = page.evaluate(
        """rules => axe.run(document, {runOnly: {type: "tag", values: rules}}).then(
          (result) => result.violations.flatMap(
            (rule) => rule.nodes.map((node) => [rule.id, node.html, node.failureSummary])))""",
        RULES,
    )
    assert found == []


def nothing(page: Any, talk: dict[str, Comment]) -> None:
    """The page as it comes."""


def own_comment(page: Any, talk: dict[str, Comment]) -> None:
    fill(page)
    submit(page)
    expect(page.locator(".lar-own")).to_be_visible()


def form_errors(page: Any, talk: dict[str, Comment]) -> None:
    page.locator("#lar-body").evaluate("field => field.form.noValidate = true")
    fill(page, body="", name="", email="carl", website="nothing:")
    submit(page)
    expect(page.locator("#lar-errors")).to_be_focused()


def filtered(page: Any, talk: dict[str, Comment]) -> None:
    page.locator("#lar-facet-dredging").click()
    expect(page.locator(".lar-matches")).to_be_visible()


def filtered_empty(page: Any, talk: dict[str, Comment]) -> None:
    page.goto(f"{page.url.partition('?')[0]}?tag=jobs&tag=protect")


def replying(page: Any, talk: dict[str, Comment]) -> None:
    page.locator(f"#comment-{talk['jobs'].pk} > article .lar-reply").click()
    expect(page.locator("#lar-body")).to_be_focused()


def previewing(page: Any, talk: dict[str, Comment]) -> None:
    page.locator("#lar-body").fill("So *deep* <b>b</b> `code`")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#lar-preview em")).to_be_visible()


def why_open(page: Any, talk: dict[str, Comment]) -> None:
    page.locator(f"#comment-{talk['first'].pk} > article .lar-tag").first.click()
    expect(page.locator(".lar-why")).to_be_visible()


def report_open(page: Any, talk: dict[str, Comment]) -> None:
    page.locator(f"#comment-{talk['jobs'].pk} > article").get_by_role("link", name="Report").click()
    expect(page.locator(".lar-piece fieldset")).to_be_visible()


def recommended(page: Any, talk: dict[str, Comment]) -> None:
    button = page.locator(f"#comment-{talk['jobs'].pk} > article .lar-recommend")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


STATES: list[State] = [
    nothing, own_comment, form_errors, filtered, filtered_empty,
    replying, previewing, why_open, report_open, recommended,
]  # fmt: skip
LOOKS = {
    "desk-light": {"viewport": DESK, "color_scheme": "light"},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark", "has_touch": True},
}


def test_axe_sees_something(site: Any, axe: str) -> None:
    page = site().open()
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<h6>Low</h6>')")

    with pytest.raises(AssertionError, match="heading-order"):
        check(page, axe)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_the_article_page_in_each_state(look: str, state: State, site: Any, talk: dict[str, Comment], axe: str) -> None:
    page = site(**LOOKS[look]).open()
    state(page, talk)

    check(page, axe)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"{PATH}?sort=upwards",
        "/comments/{first}/recommend/",
        "/comments/{first}/report/",
        "/comments/{first}/replies/",
        "/comments/{first}/replies/?after=x",
        "/comments/{first}/tags/dredging/",
        "/comments/{first}/tags/dredging/wrong/",
        "/accounts/login/?next=/",
        "/nowhere/",
    ],
)
def test_each_page(look: str, path: str, site: Any, talk: dict[str, Comment], axe: str) -> None:
    page = site(may_fail=(400, 404), **LOOKS[look]).open(path.format(first=talk["first"].pk))

    check(page, axe)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("page", ["recommend", "report", "replies", "tags/dredging"])
def test_the_pages_of_the_plugin_without_a_frame_of_the_hosts(
    look: str, page: str, site: Any, talk: dict[str, Comment], axe: str, settings: Any
) -> None:
    settings.COMMENTS = {"BASE_TEMPLATE": "comments/base.html"}

    check(site(**LOOKS[look]).open(f"/comments/{talk['first'].pk}/{page}/"), axe)


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_an_author(look: str, site: Any, axe: str) -> None:
    visit = site(**LOOKS[look])
    own_comment(visit.open(), {})
    comment = Comment.objects.get()

    for name in ("status", "edit", "withdraw"):
        check(visit.open(f"/comments/{comment.pk}/{name}/"), axe)


def test_an_empty_and_a_closed_discussion(site: Any, axe: str) -> None:
    visit = site()
    check(visit.open(), axe)
    Thread.objects.update(mode="closed")
    check(visit.open(), axe)


def test_a_login_that_failed(site: Any, axe: str) -> None:
    page = site().open("/accounts/login/")
    page.get_by_label("Account name").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert")).to_be_visible()
    check(page, axe)


# --- What axe cannot see


OVERFLOW = """() => {
  const root = document.scrollingElement;
  const wide = [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.right > root.clientWidth + 1 && !element.closest("pre, .lar-trap, .lar-visually-hidden");
  });
  return [root.scrollWidth - root.clientWidth, wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 200))];
}"""
"""How far the page scrolls sideways, and what makes it."""


@pytest.mark.parametrize("viewport", [NARROW, {"width": 640, "height": 450}], ids=["320px", "zoom-200"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_scrolls_sideways(viewport: dict[str, int], state: State, site: Any, talk: dict[str, Comment]) -> None:
    page = site(viewport=viewport).open()
    state(page, talk)

    assert page.evaluate(OVERFLOW) == [0, []]


@pytest.mark.parametrize("viewport", [NARROW, DESK], ids=["320px", "desk"])
def test_right_to_left(viewport: dict[str, int], site: Any, talk: dict[str, Comment], axe: str) -> None:
    page = site(viewport=viewport).open()
    page.evaluate("document.documentElement.dir = 'rtl'")

    assert page.evaluate(OVERFLOW)[0] == 0
    item = page.locator(f"#comment-{talk['jobs'].pk} > article")
    avatar, name = item.locator(".lar-avatar").bounding_box(), item.locator(".lar-name").bounding_box()
    assert avatar["x"] > name["x"], "the page is mirrored"
    arabic = page.locator(f"#comment-{talk['arabic'].pk} .lar-body")
    assert arabic.evaluate("body => getComputedStyle(body).direction") == "rtl"
    assert item.locator(".lar-body").evaluate("body => getComputedStyle(body).direction") == "ltr"
    check(page, axe)


def test_an_arabic_comment_reads_from_the_right_on_an_english_page(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    arabic = page.locator(f"#comment-{talk['arabic'].pk} .lar-body")

    assert arabic.evaluate("body => [getComputedStyle(body).direction, getComputedStyle(body).textAlign]") == [
        "rtl",
        "start",
    ]


FOCUSED = """() => {
  const element = document.activeElement;
  if (element === document.body || element.closest(".lar-trap")) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return [element.outerHTML.slice(0, 120), style.outlineStyle, parseFloat(style.outlineWidth), box.width * box.height];
}"""


def test_whatever_has_the_focus_shows_it(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    seen = []
    while True:
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or len(seen) > 300:
            break
        seen.append(focused)

    assert len(seen) > 40
    assert [found for found in seen if found[1] == "none" or found[2] < 2 or not found[3]] == []


def test_what_a_finger_meets_is_large_enough(site: Any, talk: dict[str, Comment]) -> None:
    page = site(viewport=PHONE, has_touch=True).open()
    small = page.evaluate(
        """() => [...document.querySelectorAll(".lar :is("
          + "button, input, textarea, summary, .lar-chip, .lar-button, .lar-actions a, .lar-bar a, .lar-tag)")]
          .filter((element) => !element.closest(".lar-trap") && element.offsetParent)
          .map((element) => [element.outerHTML.slice(0, 120), element.getBoundingClientRect()])
          .filter(([, box]) => Math.min(box.width, box.height) < 24)
          .map(([html, box]) => [html, box.width, box.height])
          .filter(([html]) => !html.includes('type="checkbox"'))"""
    )

    assert small == [], "WCAG 2.2, 2.5.8: 24 by 24 pixels"


def test_who_wants_no_motion_gets_none(site: Any, talk: dict[str, Comment]) -> None:
    page = site(reduced_motion="reduce").open()
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return parseFloat(style.transitionDuration) > 0 || parseFloat(style.animationDuration) > 0
            || style.scrollBehavior === "smooth";
        }).map((element) => element.outerHTML.slice(0, 100))"""
    )

    assert moving == []


def test_on_paper_there_are_texts_and_no_controls(site: Any, talk: dict[str, Comment]) -> None:
    page = site(color_scheme="dark").open()
    page.emulate_media(media="print", color_scheme="dark")

    for hidden in (".lar-filter", ".lar-bar", "footer.lar-actions", "#respond", ".lar-jump", ".lar-more", ".masthead"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(f"#comment-{talk['jobs'].pk} .lar-body")).to_be_visible()
    expect(page.locator(f"#comment-{talk['jobs'].pk} .lar-name")).to_be_visible()
    ink = page.locator("#discussion").evaluate("section => getComputedStyle(section).color")
    assert ink == "rgb(28, 26, 23)", "paper is white, whatever the screen was"


def test_dark_is_dark(site: Any) -> None:
    light, dark = (
        site(color_scheme=scheme).open().evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )

    assert (light, dark) == ("rgb(255, 253, 249)", "rgb(22, 21, 19)")


def test_headings_are_in_order(site: Any, talk: dict[str, Comment]) -> None:
    page = site().open()
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]))")

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_policy_allows_nothing_inline(site: Any, talk: dict[str, Comment]) -> None:
    visit = site()
    page = visit.open()
    policy = page.request.get(page.url).headers["content-security-policy"]

    assert "unsafe" not in policy
    page.add_script_tag(url="/static/comments/comments.js")
    assert visit.faults == []
