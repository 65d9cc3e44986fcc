"""The canary's visitors, and the pages that they can find: by links, and by the site's own patterns."""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse

from comments.canary.quiet import HOST
from comments.canary.traces import unpacked
from comments.models import Comment, Tag, Thread

_PER_VIEW = 5
"""Pages of one view that are fetched: a long archive has no other kinds of leaks than its first pages."""

_LINK = re.compile(r"""["'>](/[^"'<>\s]*)|href=["'](\?[^"'<>]*)""")
_EMAIL_INPUT = re.compile(r"<input\b[^>]*\bname=[\"']?email\b[^>]*>", re.IGNORECASE)


class Searcher(Protocol):
    """Who searches what comes back."""

    def look(self, where: str, content: str, *, kind: str) -> None: ...

    def note_broken(self, who: str, path: str, response: Any) -> None: ...


class Visitor:
    """Somebody with a browser. Everything that comes back is searched."""

    def __init__(self, name: str, canary: Searcher) -> None:
        self.name = name
        self.client = Client(raise_request_exception=False, SERVER_NAME=HOST)
        self.canary = canary
        self.seen: set[tuple[str, bool]] = set()

    def send(
        self, method: str, path: str, data: Any = None, *, is_json: bool = False, headers: dict[str, str] | None = None
    ) -> Any:
        """Make a request and search the answer; the email field of a form that comes back may hold what was typed."""
        options: dict[str, Any] = {"secure": True, "headers": headers or {}}
        if is_json:
            options |= {"data": json.dumps(data), "content_type": "application/json"}
        elif data is not None:
            options["data"] = data
        with transaction.atomic():
            response = getattr(self.client, method)(path, **options)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        parts = urlsplit(path)
        where = f"{self.name}: {method.upper()} {parts.path}{'?…' if parts.query else ''} -> {response.status_code}"
        content = b"".join(response.streaming_content) if response.streaming else response.content
        body = content.decode(response.charset or "utf-8", "replace")
        head = "\n".join(f"{key}: {value}" for key, value in response.items())
        head += "\n" + response.cookies.output()
        self.canary.look(f"{where}, headers and cookies", head + "\n" + unpacked(head), kind="headers")
        self.canary.look(where, body if data is None else _EMAIL_INPUT.sub("", body), kind="pages")
        response.text_seen = body
        return response

    def crawl(self, start: list[str]) -> None:
        """Fetch these pages and what they link to, some of each view."""
        waiting = deque(start)
        counts: Counter[str] = Counter()
        while waiting:
            path = waiting.popleft().partition("#")[0]
            view = _view_of(path)
            if not view or (path, False) in self.seen or counts[view] >= _PER_VIEW:
                continue
            self.seen.add((path, False))
            counts[view] += 1
            response = self.send("get", path)
            self.canary.note_broken(self.name, path, response)
            if 300 <= response.status_code < 400:
                waiting.append(urljoin(path, response.headers["Location"]).removeprefix(f"https://{HOST}"))
            elif counts[view] == 1:
                # Some pages answer htmx with a piece of themselves.
                self.send("get", path, headers={"HX-Request": "true"})
            kind = response.headers.get("Content-Type", "")
            if any(known in kind for known in ("html", "xml", "json")):
                text = (
                    response.text_seen.replace("&amp;", "&")
                    .replace("http://" + HOST, "")
                    .replace("https://" + HOST, "")
                )
                waiting.extend(urljoin(path, "".join(found)) for found in _LINK.findall(text))


def own_pages(thread: Thread, comments: list[Comment]) -> list[str]:
    """The article, and what stands around it, in the orders and filters of its readers."""
    page = urlsplit(thread.get_absolute_url()).path or "/"
    slug = Tag.objects.filter(thread=thread).values_list("slug", flat=True).first() or ""
    queries = ["", f"?tag={slug}", "?sort=oldest", "?sort=nonsense", "?after=forged", "?tag=no-such-tag"]
    queries += [f"?focus={comments[-1].pk}", f"?reply={comments[-1].pk}"]
    return [f"{page}{query}" for query in queries]


def pages_of_the_site(thread: Thread, comments: list[Comment]) -> list[str]:
    """Every address that the site's patterns can make of the canary's rows."""
    tag = Tag.objects.filter(thread=thread).first()
    found = ["/", "/there-is-no-such-page/"]
    for comment in [*comments[:3], *comments[-2:]]:
        known = {
            "comment_id": comment.pk,
            "thread_id": thread.pk,
            "id": comment.pk,
            "pk": comment.pk,
            "name": str(thread.pk),
            "slug": tag.slug if tag else "none",
        }
        for name, parameters in _patterns(get_resolver()):
            if parameters <= known.keys() and not name.startswith("admin:"):
                try:
                    found.append(reverse(name, kwargs={key: known[key] for key in parameters}))
                except NoReverseMatch:
                    continue
    return list(dict.fromkeys(found))


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, set[str]]]:
    """All named patterns below a resolver, with the names of their own parameters."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{namespace}{one.name}", set(one.pattern.converters) | set(one.pattern.regex.groupindex)
        else:
            yield from _patterns(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)


def pages_of_the_admin() -> list[str]:
    """Lists and newest rows of all models that the admin shows."""
    found = []
    for model in apps.get_models():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        try:
            found.append(reverse(f"{name}_changelist"))
            for pk in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:3]:
                found += [reverse(f"{name}_change", args=[pk]), reverse(f"{name}_history", args=[pk])]
        except NoReverseMatch:
            continue
    return found


def _view_of(path: str) -> str:
    """The name of the view behind a path; empty where there is none, or where a visit would end the session."""
    if not path.startswith("/"):
        return ""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return "no page" if "no-such-page" in path else ""
    return "" if "logout" in match.view_name else match.view_name
