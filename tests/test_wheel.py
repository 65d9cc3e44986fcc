"""The wheel in a project that is not ours: five lines of settings and one template tag give a working discussion.

The lines are those that README.md prints, so what a reader of it copies is what is tested.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parents[1]


def readme(kind: str) -> str:
    """The block of README.md that is headed so."""
    found = re.search(rf"```{kind}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"README.md has no block headed ```{kind}"
    return found.group(1)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment without this project's own variables and paths."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTHON", "CELERY_"))}
    # A broker that is not there: a site in its first hour has none, and must not wait for it.
    kept["CELERY_BROKER_URL"] = "amqp://127.0.0.1:1//"
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=kept, capture_output=True, text=True, check=False
    )


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    ok(run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out))
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("host")
    ok(run(sys.executable, "-m", "venv", folder / "venv", cwd=folder))
    python = folder / "venv" / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    done = run(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints, wheel, cwd=folder
    )
    if done.returncode and re.search(r"No matching distribution|connection|resolution|network", done.stderr, re.I):
        pytest.skip("The wheel's dependencies cannot be installed: connect this machine to a package registry.")
    ok(done)
    return python


@pytest.fixture(scope="module")
def project(python: Path) -> Path:
    """What `django-admin startproject` makes, with README's lines and a page of the host's own."""
    folder = python.parents[2] / "project"
    folder.mkdir()
    ok(run(python, "-m", "django", "startproject", "gazette", folder, cwd=folder))
    settings = folder / "gazette" / "settings.py"
    # The host's own page needs a place for its template, discussion or not.
    own = 'TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates"]\n'
    settings.write_text(settings.read_text() + own + readme("py settings"))
    urls = folder / "gazette" / "urls.py"
    urls.write_text(
        urls.read_text()
        + "\nfrom django.urls import include\nfrom django.views.generic import TemplateView\n"
        + 'urlpatterns += [path("news/flood/", TemplateView.as_view(template_name="story.html"))]\n'
        + readme("py urls")
    )
    (folder / "templates").mkdir()
    (folder / "templates" / "story.html").write_text(
        f"<!doctype html><html lang=en><title>Flood</title><h1>Flood</h1>{readme('django')}</html>"
    )
    return folder


def test_the_wheel_holds_the_two_apps_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"comments", "analysis"}
    for needed in (
        "comments/templates/comments/discussion.html",
        "comments/static/comments/comments.css",
        "comments/migrations/0001_initial.py",
        "comments/templatetags/leave_a_reply.py",
        "analysis/migrations/0001_initial.py",
    ):
        assert needed in names
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3"))]


def test_readme_s_lines_are_five() -> None:
    assert len(readme("py settings").strip().splitlines()) == 5


def test_five_lines_give_a_working_discussion(python: Path, project: Path) -> None:
    ok(run(python, "manage.py", "check", "--fail-level", "WARNING", cwd=project))
    ok(run(python, "manage.py", "makemigrations", "--check", "--dry-run", cwd=project))
    ok(run(python, "manage.py", "migrate", "--verbosity", "0", cwd=project))
    (project / "visit.py").write_text(_VISIT)
    assert "All is well." in ok(run(python, "visit.py", cwd=project))


_VISIT = '''
"""What a reader and a moderator do on the host's page."""

import os, time
from html.parser import HTMLParser

os.environ["DJANGO_SETTINGS_MODULE"] = "gazette.settings"
import django

django.setup()

from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import setup_test_environment

from comments.models import Comment

setup_test_environment()
PAGE = "/news/flood/"


class Form(HTMLParser):
    """The reply form as a browser sees it: where it goes, and what it would send untouched."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self._is_inside = None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and "/post/" in (attributes.get("action") or ""):
            self.action, self._is_inside = attributes["action"], True
        elif self._is_inside and tag in {"input", "textarea"} and attributes.get("type") not in {"checkbox", "submit"}:
            self.fields[attributes.get("name")] = attributes.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._is_inside = False


reader, other = Client(enforce_csrf_checks=True), Client()
form = Form(reader.get(PAGE).content.decode())
assert form.action, "the page shows no form"
assert {"body", "name", "email", "website", "parent"} <= set(form.fields), form.fields
sent = {**form.fields, "body": "The levee held.", "name": "Rita", "email": "rita@example.org"}
begun = time.perf_counter()
answer = reader.post(form.action, sent)
assert time.perf_counter() - begun < 2, "posting waited for a broker"
assert answer.status_code == 303, (answer.status_code, answer.content)

comment = Comment.objects.get()
assert (comment.body, comment.status) == ("The levee held.", "pending")
assert "The levee held." in reader.get(PAGE).content.decode(), "the author does not see it waiting"
assert "The levee held." not in other.get(PAGE).content.decode(), "others see it before it is approved"

moderator = Client()
moderator.force_login(User.objects.create_superuser("mona", password="x"))
assert "The levee held." in moderator.get("/desk/moderation/").content.decode()
decided = moderator.post(
    "/api/v1/moderation/decisions/",
    {"decisions": [{"comment": comment.pk, "to": "approved", "seen_status": "pending", "seen_revision": 1}]},
    content_type="application/json",
)
assert decided.status_code == 200, decided.content
assert "The levee held." in other.get(PAGE).content.decode(), "others do not see it once it is approved"
assert "rita@example.org" not in other.get(PAGE).content.decode()
assert other.get("/desk/moderation/").status_code == 302
print("All is well.")
'''
