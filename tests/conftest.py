"""The cast and the stage of every test.

Rita reads, Carl comments, Mona moderates, Ed edits, Sam is a stranger. Rita, Carl and Sam are browsers; Mona and Ed
have accounts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from comments import confirming, drafts, mailing, moderation, posting, privacy, tagging
from comments.models import Comment, Outbox, Reader, Status, Thread
from comments.screening import entries, holds

pytest_plugins = ["tests.plugins.required", "tests.plugins.site"]

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _nothing_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the screens remember for some seconds stays for the whole of a test: on a busy machine one that counts
    queries would else count the look that renews it."""
    monkeypatch.setattr(entries, "_SECONDS", 3600)
    monkeypatch.setattr(holds, "_NONE_SECONDS", 3600)


@pytest.fixture
def thread(db: None) -> Thread:
    """A discussion that publishes at once, so that a test says so where a comment is to wait."""
    return Thread.objects.create(key="harbour", title="The harbour", url="/articles/harbour/", mode="publish")


@pytest.fixture
def mail_site(settings: Any) -> str:
    """A site that offers mail and does not wait with it; where it is found."""
    url = "https://news.example.org"
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": url, "SITE_NAME": "The Newsroom", "MAIL_DELAY": 0}
    return url


@pytest.fixture
def deliver(mail_site: str) -> Callable[[], list[Any]]:
    """Do what the worker and the clock do for mail, due or not; return the mails that went."""

    def deliver() -> list[Any]:
        before = len(mail.outbox)
        confirming.settle_waiting(limit=100)
        Outbox.objects.filter(state=Outbox.State.WAITING).update(due_at=timezone.now())
        mailing.send_due(limit=100)
        return mail.outbox[before:]

    return deliver


@pytest.fixture
def rita() -> Client:
    return Client()


@pytest.fixture
def carl() -> Client:
    return Client()


@pytest.fixture
def sam() -> Client:
    return Client()


@pytest.fixture
def mona(db: None) -> User:
    """A moderator."""
    user = User.objects.create_user("mona", password=PASSWORD)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def ed(db: None) -> User:
    """An editor."""
    user = User.objects.create_user("ed", password=PASSWORD)
    user.groups.add(Group.objects.get(name="Editors"))
    return user


@pytest.fixture
def mona_client(mona: User) -> Client:
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def ed_client(ed: User) -> Client:
    client = Client()
    client.force_login(ed)
    return client


@pytest.fixture
def carls_browser(db: None) -> Reader:
    """Carl's browser as a row, for tests of verbs."""
    return Reader.objects.create(cookie_digest=privacy.reader_digest("carl"), hue=3)


@pytest.fixture
def write(thread: Thread) -> Callable[..., Comment]:
    """Post a comment through the verb. Texts differ by themselves; a `status` is reached as a moderator reaches it."""
    numbers = itertools.count(1)

    def post(body: str = "", *, status: str = "", **fields: Any) -> Comment:
        number = next(numbers)
        where = fields.pop("thread", thread)
        origin = posting.Origin(
            reader=fields.pop("reader", None),
            user=fields.pop("user", None),
            client_digest=fields.pop("client_digest", ""),
            key=fields.pop("key", ""),
        )
        parent = fields.pop("parent", None)
        draft = drafts.Draft(
            body=body or f"Remark number {number} on the harbour.",
            name=fields.pop("name", "Carl"),
            email=fields.pop("email", "carl@example.org"),
            website=fields.pop("website", ""),
            parent=parent.pk if parent else None,
            notify=fields.pop("notify", False),
        )
        assert not fields, fields
        comment = posting.post(where, draft, origin).comment
        if status and status != comment.status:
            by, _ = User.objects.get_or_create(username="setup")
            reason = "other" if status == Status.REJECTED else ""
            if status == Status.PENDING:
                moderation.move(
                    comment, to=status, actor="screen", seen=moderation.Seen(comment.status, comment.revision)
                )
            else:
                moderation.decide(
                    comment, to=status, by=by, seen=moderation.Seen(comment.status, comment.revision), reason=reason
                )
            comment.refresh_from_db()
        return comment

    return post


@pytest.fixture
def tags(thread: Thread) -> dict[str, Any]:
    """Two indicators and two positions of the thread, by slug."""
    specs = [
        tagging.TagSpec("dredging", "indicator", "The dredging licence", "Whether the port may dredge the channel."),
        tagging.TagSpec("jobs", "indicator", "The jobs promise", "Whether the port creates the jobs it promised."),
        tagging.TagSpec("expand", "position", "Expand now", "The port should grow quickly."),
        tagging.TagSpec("protect", "position", "Protect the bay", "The bay comes first."),
    ]
    return {tag.slug: tag for tag in tagging.define_tags(thread, specs)}
