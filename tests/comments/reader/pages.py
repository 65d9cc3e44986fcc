"""A page as a strict parser sees it. Tests of the reader's face look at answers through this."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bleach._vendor.html5lib import HTMLParser, getTreeBuilder
from django.http import HttpResponse


@dataclass(frozen=True)
class Page:
    """An answer, parsed by a parser that raises on the first fault in the HTML."""

    response: HttpResponse
    root: Element

    def by_id(self, name: str) -> Element:
        found = self.root.findall(f".//*[@id='{name}']")
        assert len(found) == 1, f"{len(found)} elements have the id {name!r}"
        return found[0]

    def has_id(self, name: str) -> bool:
        return self.root.find(f".//*[@id='{name}']") is not None

    def classed(self, name: str, within: Element | None = None) -> list[Element]:
        return [
            found
            for found in (self.root if within is None else within).iter()
            if name in (found.get("class") or "").split()
        ]

    def links(self, label: str, within: Element | None = None) -> list[Element]:
        """Links whose text begins with a label."""
        scope = self.root if within is None else within
        return [link for link in scope.iter("a") if words(link).startswith(label)]

    def field(self, name: str) -> str | None:
        """What stands in a field of the reply form."""
        found = [field for field in self.by_id("respond").iter() if field.get("name") == name]
        assert len(found) == 1, f"{len(found)} fields are called {name!r}"
        if found[0].tag == "textarea":
            return found[0].text or ""
        if found[0].get("type") == "checkbox":
            return "checked" if found[0].get("checked") is not None else ""
        return found[0].get("value")

    @property
    def comment_ids(self) -> list[int]:
        """The comments on the page, in reading order."""
        return [
            int(found.get("id", "").removeprefix("comment-"))
            for found in self.root.iter()
            if (found.get("id") or "").startswith("comment-")
        ]

    @property
    def text(self) -> str:
        return words(self.root)


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def parse_page(response: HttpResponse) -> Page:
    """Parse an answer; the parser raises on the first fault in the HTML."""
    parser = HTMLParser(tree=getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    return Page(response, parser.parse(response.content.decode()))
