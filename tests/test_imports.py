"""The arrows: which module may import which, read from the sources, imports inside functions included.

`ROOMS` places every module of the two apps; a new module has to be placed there, so that its arrows are looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("comments", "analysis", "newsroom")

CORE, VERBS, REQUESTS, FACES, EDGES = "core", "verbs", "requests", "faces", "edges"

ROOMS: dict[str, str] = {
    # The core: one-row facts, sets of rows, pure functions.
    "comments.conf": CORE,
    "comments.errors": CORE,
    "comments.facets": CORE,
    "comments.jsonlines": CORE,
    "comments.languages": CORE,
    "comments.models": CORE,
    "comments.prepared": CORE,
    "comments.privacy": CORE,
    "comments.querysets": CORE,
    "comments.sanitize": CORE,
    "comments.screening": CORE,
    "comments.signals": CORE,
    "comments.signatures": CORE,
    "comments.texts": CORE,
    "analysis.backends": CORE,
    "analysis.conf": CORE,
    "analysis.files": CORE,
    "analysis.models": CORE,
    "analysis.scores": CORE,
    "analysis.taggers": CORE,
    "analysis.taxonomy": CORE,
    "analysis.vectors": CORE,
    # The verbs: several rows, or write, log and signal; and what reads many rows for all faces.
    "comments.alert_letters": VERBS,
    "comments.alerting": VERBS,
    "comments.calling": VERBS,
    "comments.mail_decisions": VERBS,
    "comments.webhooks": VERBS,
    "comments.commenters": VERBS,
    "comments.confirming": VERBS,
    "comments.drafts": VERBS,
    "comments.erasing": VERBS,
    "comments.exporting": VERBS,
    "comments.letters": VERBS,
    "comments.links": VERBS,
    "comments.listing": VERBS,
    "comments.mailboxes": VERBS,
    "comments.mailing": VERBS,
    "comments.owning": VERBS,
    "comments.quoting": VERBS,
    "comments.retention": VERBS,
    "comments.retrying": VERBS,
    "comments.scrubbing": VERBS,
    "comments.sampling": VERBS,
    "comments.queues": VERBS,
    "comments.moderation": VERBS,
    "comments.bulk": VERBS,
    "comments.reasons": VERBS,
    "comments.undoing": VERBS,
    "comments.posting": VERBS,
    "comments.recommending": VERBS,
    "comments.reporting": VERBS,
    "comments.subscribing": VERBS,
    "comments.suggesting": VERBS,
    "comments.workload": VERBS,
    "comments.appealing": VERBS,
    "comments.appeals": VERBS,
    "comments.blocks": VERBS,
    "comments.disclosing": VERBS,
    "comments.editing": VERBS,
    "comments.modes": VERBS,
    "comments.pinning": VERBS,
    "comments.rewriting": VERBS,
    "comments.telling": VERBS,
    "comments.tagging": VERBS,
    "comments.tallies": VERBS,
    "comments.viewing": VERBS,
    "comments.answering": VERBS,
    "analysis.doubts": VERBS,
    "analysis.fetching": VERBS,
    "analysis.learning": VERBS,
    "analysis.readings": VERBS,
    "analysis.runs": VERBS,
    "analysis.screening": VERBS,
    "analysis.summaries": VERBS,
    "analysis.versions": VERBS,
    "comments.wordlists": VERBS,
    # What all faces ask about a request.
    "comments.clients": REQUESTS,
    "comments.cookies": REQUESTS,
    "comments.routes": REQUESTS,
    "comments.gates": REQUESTS,
    "comments.origins": REQUESTS,
    # The faces.
    "comments.api": FACES,
    "comments.desk": FACES,
    "comments.reader": FACES,
    "comments.admin": FACES,
    "comments.templatetags": FACES,
    "analysis.api": FACES,
    "analysis.desk": FACES,
    "analysis.admin": FACES,
    # Wiring, called by Django, Celery or an operator.
    "comments.__init__": EDGES,
    "comments.apps": EDGES,
    "comments.canary": EDGES,
    "comments.checks": EDGES,
    "comments.management": EDGES,
    "comments.migrations": EDGES,
    "comments.receivers": EDGES,
    "comments.tasks": EDGES,
    "comments.urls": EDGES,
    "analysis.__init__": EDGES,
    "analysis.apps": EDGES,
    "analysis.checks": EDGES,
    "analysis.management": EDGES,
    "analysis.migrations": EDGES,
    "analysis.receivers": EDGES,
    "analysis.tasks": EDGES,
    "analysis.urls": EDGES,
}

ORDER = (CORE, VERBS, REQUESTS, FACES)
"""Each may import itself and what stands before it."""

FACE_OF = {"comments.templatetags": "comments.reader"}
"""Modules that Django wants in a place of its own, and the face that they belong to."""

DOORS: dict[str, tuple[str, ...]] = {
    "bleach": ("comments/sanitize.py",),
    "nh3": ("comments/sanitize.py",),
    "markdown_it": ("comments/sanitize.py",),
    "linkify_it": ("comments/sanitize.py",),
    "cryptography": ("comments/privacy.py",),
    "celery": ("*/tasks.py", "newsroom/celery.py"),
    "kombu": ("*/tasks.py", "newsroom/celery.py", "newsroom/file_broker.py"),
    "rest_framework": ("*/api/*.py",),
    "drf_spectacular": ("*/api/*.py",),
    "snowballstemmer": ("analysis/taggers/*.py",),
    "numpy": ("analysis/taggers/*.py",),
    "sklearn": ("analysis/screening/training.py",),
    "scipy": ("analysis/screening/training.py",),
    "django_htmx": ("*/reader/*.py", "*/desk/*.py", "comments/gates.py"),
    "environ": ("newsroom/settings.py",),
    "prometheus_client": ("newsroom/*.py",),
    "waitress": ("newsroom/*.py",),
    "whitenoise": (),
    "psycopg": (),
    "redis": (),
}
"""Outside libraries and the files that may import them. An empty list: named in settings only."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    "comments": ("analysis", "newsroom", "tests", "seeds"),
    "analysis": (
        "comments.admin",
        "comments.api",
        "comments.desk",
        "comments.reader",
        "comments.templatetags",
        "newsroom",
        "tests",
        "seeds",
    ),
    "newsroom": ("tests", "seeds"),
    # Plain Python, so that the commands tag files without a database and a library could take them.
    "analysis.taggers": ("django", "comments", "analysis.models", "analysis.runs"),
    "analysis.taxonomy": ("django", "comments", "analysis.models", "analysis.runs"),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports, absolute, and the line where it does."""

    name: str
    line: int


def imports_in(source: str, module: str, *, is_package: bool = False) -> Iterator[Import]:
    """All imports of a source, wherever they stand. `from a import b` yields `a.b`, which covers `a`.

    Args:
        module: dotted name, against which relative imports are resolved.
        is_package: whether the source is an `__init__`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")
                above = above[: len(above) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield Import(base if alias.name == "*" else f"{base}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in {"import_module", "__import__", "import_string"} and isinstance(node.args[0].value, str):
                yield Import(node.args[0].value, node.lineno)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def part_of(name: str) -> str:
    """`comments.models.tag` -> `comments.models`, which is what has a room."""
    return ".".join(name.split(".")[:2])


def faults_of(path: str, source: str) -> list[str]:
    """What is wrong with the imports of one file.

    Args:
        path: from the top of the repository, with slashes.
    """
    is_package = path.endswith("/__init__.py")
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    own = part_of(module) if "." in module else f"{module}.__init__"
    found = []
    for one in imports_in(source, module, is_package=is_package):
        where = f"{path}:{one.line} imports {one.name}: "
        for package, closed in FORBIDDEN.items():
            if is_within(module, package):
                found += [f"{where}{package} never imports {name}" for name in closed if is_within(one.name, name)]
        for library, files in DOORS.items():
            if is_within(one.name, library) and not any(fnmatch(path, pattern) for pattern in files):
                found.append(f"{where}the door to {library} is {' or '.join(files) or 'nowhere'}")
        found += [where + fault for fault in _against_the_arrows(own, part_of(one.name))]
    return found


def _against_the_arrows(own: str, other: str) -> Iterator[str]:
    mine, theirs = ROOMS.get(own), ROOMS.get(other)
    if mine is None or theirs is None or own == other:
        return
    if mine in ORDER and theirs in ORDER and ORDER.index(theirs) > ORDER.index(mine):
        yield f"{mine} never imports {theirs}"
    if mine == theirs == FACES and FACE_OF.get(own, own) != FACE_OF.get(other, other):
        yield "a face never imports another face"


def sources(packages: Iterable[str] = PACKAGES) -> list[str]:
    return sorted(
        str(path.relative_to(TOP)).replace("\\", "/") for package in packages for path in (TOP / package).rglob("*.py")
    )


def test_every_import_of_the_project_follows_the_arrows():
    faults = [fault for path in sources() for fault in faults_of(path, (TOP / path).read_text(encoding="utf-8"))]
    assert not faults, "\n" + "\n".join(faults)


def test_every_module_of_the_apps_has_a_room():
    modules = {
        part_of(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        if path.count("/") > 1 or not path.endswith("__init__.py")
        else path.removesuffix(".py").replace("/", ".")
        for path in sources(("comments", "analysis"))
    }
    assert not modules - ROOMS.keys(), "place these in ROOMS"


def test_no_module_has_a_name_that_says_nothing():
    shunned = {"utils", "helpers", "services", "common", "misc"}
    assert not [path for path in sources() if shunned & set(path.removesuffix(".py").split("/"))]


def test_seeds_hold_no_code():
    assert not [*(TOP / "seeds").rglob("*.py"), *(TOP / "seeds").rglob("*.pyc")]


def test_there_is_something_to_read():
    """A checker that looks at nothing passes for ever."""
    assert len(sources()) > 50
    assert "comments/posting.py" in sources()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", ["a.b"]),
        ("import a as z, b", ["a", "b"]),
        ("from a import b", ["a.b"]),
        ("from a.b import c as z, d", ["a.b.c", "a.b.d"]),
        ("from a import *", ["a"]),
        ("def f():\n    from a import b\n", ["a.b"]),
        ("class C:\n    def f(self):\n        import a\n", ["a"]),
        ("try:\n    import a\nexcept ImportError:\n    import b\n", ["a", "b"]),
        ("if TYPE_CHECKING:\n    from a import b\n", ["a.b"]),
        ("async def f():\n    if 1:\n        import a\n", ["a"]),
        ("import importlib\nimportlib.import_module('a.b')", ["importlib", "a.b"]),
        ("import_module('a')", ["a"]),
        ("__import__('a')", ["a"]),
        ("import_string('a.b.c')", ["a.b.c"]),
        ("import_module(name)", []),
        ("x = 'import a'", []),
        ("from . import a", ["comments.reader.a"]),
        ("from .a import b", ["comments.reader.a.b"]),
        ("from .. import a", ["comments.a"]),
        ("from ..a import b", ["comments.a.b"]),
    ],
)
def test_the_checker_finds_imports_wherever_they_stand(source, expected):
    found = [one.name for one in imports_in(source, "comments.reader.views")]
    assert found == expected


def test_relative_imports_of_a_package_start_at_itself():
    assert [one.name for one in imports_in("from . import a", "comments.reader", is_package=True)] == [
        "comments.reader.a"
    ]


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("comments/posting.py", "from analysis import runs", "comments never imports analysis"),
        ("comments/tasks.py", "def f():\n    import newsroom.celery", "comments never imports newsroom"),
        ("comments/posting.py", "from tests.conftest import x", "comments never imports tests"),
        ("analysis/desk/views.py", "from comments.desk import views", "analysis never imports comments.desk"),
        ("analysis/runs.py", "import_module('newsroom.urls')", "analysis never imports newsroom"),
        ("newsroom/urls.py", "import tests", "newsroom never imports tests"),
        ("comments/reader/views.py", "from comments.api import rows", "a face never imports another face"),
        ("comments/api/rows.py", "from ..reader.cards import Cards", "a face never imports another face"),
        ("comments/desk/views.py", "from comments.templatetags import x", "a face never imports another face"),
        ("comments/models/comment.py", "from comments import moderation", "core never imports verbs"),
        ("comments/screening/facts.py", "from comments import posting", "core never imports verbs"),
        ("comments/conf.py", "from comments.reader import forms", "core never imports faces"),
        ("comments/posting.py", "from comments import clients", "verbs never imports requests"),
        ("comments/clients.py", "from comments.reader import stamps", "requests never imports faces"),
        ("analysis/taggers/lexical.py", "import django.conf", "analysis.taggers never imports django"),
        ("comments/posting.py", "import bleach", "the door to bleach is comments/sanitize.py"),
        ("newsroom/articles/models.py", "from markdown_it import MarkdownIt", "the door to markdown_it is"),
        ("comments/texts.py", "from cryptography.fernet import Fernet", "the door to cryptography is"),
        ("newsroom/settings.py", "from celery.schedules import schedule", "the door to celery is"),
        ("comments/reader/views.py", "import rest_framework", "the door to rest_framework is"),
        ("analysis/runs.py", "import snowballstemmer", "the door to snowballstemmer is"),
        ("comments/api/base.py", "import django_htmx.http", "the door to django_htmx is"),
        ("comments/posting.py", "import psycopg", "the door to psycopg is nowhere"),
    ],
)
def test_the_checker_refuses_each_wrong_arrow(path, source, fault):
    assert any(fault in said for said in faults_of(path, source)), faults_of(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("comments/reader/views.py", "from comments import posting, conf\nfrom comments.reader import cards"),
        ("comments/templatetags/leave_a_reply.py", "from comments.reader.discussion import discuss"),
        ("comments/posting.py", "from comments import privacy, moderation"),
        ("comments/sanitize.py", "import bleach\nfrom markdown_it import MarkdownIt"),
        ("comments/tasks.py", "from celery import shared_task"),
        ("analysis/api/views.py", "import rest_framework\nfrom comments import tagging"),
        ("analysis/runs.py", "from comments.models import Comment"),
        ("newsroom/urls.py", "import comments.urls"),
    ],
)
def test_the_checker_lets_right_arrows_be(path, source):
    assert faults_of(path, source) == []
