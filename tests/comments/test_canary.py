"""The canary: it finds nothing on this site, finds whatever is planted, and leaves nothing behind."""

from __future__ import annotations

import base64
import hashlib
import io
import logging

import pytest
from django.conf import settings as site
from django.core import mail
from django.core.cache import cache
from django.core.mail import send_mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path

from analysis import receivers
from comments import canary, drafts, privacy, reporting
from comments.api import rows
from comments.canary.forms import Form, find_form
from comments.models import Comment, Commenter, ModerationEvent, Thread
from comments.reader import cards, views
from newsroom import urls as site_urls
from newsroom.articles.models import Article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(thread, tags) -> Article:
    """The page of the thread; its discussion has a comment of somebody real."""
    return Article.objects.create(slug="harbour", title="The harbour", body="Text.", thread=thread)


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def test_this_site_gives_no_address_away_and_is_as_it_was_before(article, write, django_capture_on_commit_callbacks):
    write()
    thread = Thread.objects.get()
    before, level = counts(), logging.getLogger().level
    cache.set("kept", "as it was")
    out = io.StringIO()
    with django_capture_on_commit_callbacks() as callbacks:
        call_command("check_privacy", stdout=out)
    assert "No trace of an address was found." in out.getvalue()
    assert counts() == before
    assert callbacks == []
    assert mail.outbox == []
    assert cache.get("kept") == "as it was"
    assert logging.getLogger().level == level
    after = Thread.objects.get()
    assert (after.version, after.comment_count, after.mode) == (thread.version, thread.comment_count, "publish")


# --- A site that leaks in every way ----------------------------------------------------------------------------------


def address_of(comment_id: int) -> str:
    """What a careless programmer would write."""
    comment = Comment.objects.select_related("commenter").get(pk=comment_id)
    return privacy.open_address(comment.commenter) if comment.commenter else ""


def avatar_of(comment_id: int) -> str:
    return hashlib.md5(address_of(comment_id).lower().encode()).hexdigest()


def contacts(request):
    """A page that somebody added later, and that nobody told the canary of."""
    found = [base64.b64encode(privacy.open_address(one).encode()).decode() for one in Commenter.objects.all()]
    return HttpResponse("\n".join(found), content_type="text/plain")


class LeakyUrls:
    """The site's addresses and one more, which is linked from nowhere."""

    urlpatterns = [path("contacts/", contacts, name="contacts"), path("", include(site_urls.urlpatterns))]


@pytest.fixture
def leaky_site(article, monkeypatch, settings):
    """Every way out that the canary watches, with an address in it."""
    card, own_row = cards.Cards.card, rows.own_row
    remember, tell_of_report, make_commenter = views._remember_author, reporting.report, privacy.commenter_for
    post = views.posting.post

    def card_with_avatar(self, comment, **options):
        return {**card(self, comment, **options), "name": f"{comment.author_name} {avatar_of(comment.pk)}"}

    def row_with_hash(comment, request):
        return {**own_row(comment, request), "gravatar": hashlib.sha256(address_of(comment.pk).encode()).hexdigest()}

    def remember_too_much(response, request, comment):
        response.set_cookie("who", base64.urlsafe_b64encode(address_of(comment.pk).encode()).decode())
        response["X-Author"] = avatar_of(comment.pk)
        remember(response, request, comment)

    def report_by_mail(comment, **options):
        made = tell_of_report(comment, **options)
        send_mail("Reported", f"By {address_of(comment.pk)}", "site@example.org", ["desk@example.org"])
        return made

    def talkative(address):
        logging.getLogger("a.quiet.logger").debug("Seen: %s", address)
        cache.set("last_seen", {"address": address})
        return make_commenter(address)

    def queue_the_address(comment, **_):
        receivers.tasks.tag_comment.apply_async((address_of(comment.pk),))

    def note_the_address(thread, draft, origin):
        posted = post(thread, draft, origin)
        fields = {"from_status": "pending", "to_status": "spam", "actor": "screen", "revision": 1}
        ModerationEvent.objects.create(comment=posted.comment, note=draft.email, **fields)
        return posted

    def keep_the_address(page, target):
        return find_form(page.replace('name="email"', 'name="email" data-keep'), target)

    monkeypatch.setattr(canary, "find_form", keep_the_address)
    monkeypatch.setattr(cards.Cards, "card", card_with_avatar)
    monkeypatch.setattr(rows, "own_row", row_with_hash)
    monkeypatch.setattr(views, "_remember_author", remember_too_much)
    monkeypatch.setattr(reporting, "report", report_by_mail)
    monkeypatch.setattr(privacy, "commenter_for", talkative)
    monkeypatch.setattr(views.posting, "post", note_the_address)
    queue_the_address.__module__ = "analysis.receivers"
    canary.signals.comment_posted.connect(queue_the_address)
    settings.ROOT_URLCONF = LeakyUrls
    yield
    canary.signals.comment_posted.disconnect(queue_the_address)


WAYS_OUT = {
    "an avatar in the page": ("/articles/harbour/ ->", "md5 of the address"),
    "a digest in the API": ("/api/v1/threads/1/comments/ -> 201", "sha256 of the address"),
    "an entry of a cache": ("cache: last_seen", "address"),
    "a cookie": ("/post/ -> 303, headers and cookies", "address in base64"),
    "a header": ("/post/ -> 303, headers and cookies", "md5 of the address"),
    "a page that nobody told of": ("GET /contacts/ -> 200", "address in base64"),
    "a log record": ("log of a.quiet.logger at DEBUG", "address"),
    "an argument of a task": ("queue: analysis.tasks.tag_comment", "address"),
    "a mail to others": ("mail: Reported", "address"),
    "another table": ("table comments_moderationevent", "address"),
    "what a script keeps in the browser": ("browser: what the form keeps of “email”", "address"),
}


def test_whatever_leaks_is_found(leaky_site, thread):
    found = canary.check(thread)
    missed = [
        way
        for way, (where, form) in WAYS_OUT.items()
        if not any(where.replace("/1/", f"/{thread.pk}/") in hit.where and hit.form == form for hit in found.hits)
    ]
    assert missed == [], found.hits


# --- The command -----------------------------------------------------------------------------------------------------


def finding(*, hits=(), broken=()):
    return canary.Finding(3, {"pages": 2, "headers": 1}, hits, broken)


def test_a_trace_ends_the_command_with_an_error(monkeypatch):
    hit = canary.Hit("stranger: GET / -> 200", "md5 of the address")
    monkeypatch.setattr("comments.management.commands.check_privacy.check", lambda *_, **__: finding(hits=(hit,)))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 traces") as failed:
        call_command("check_privacy", stdout=out)
    assert failed.value.returncode == 1
    assert "FOUND md5 of the address in stranger: GET / -> 200" in out.getvalue()
    assert "Searched 3 places (1 headers, 2 pages)." in out.getvalue()


def test_a_page_that_could_not_be_searched_is_no_success(monkeypatch):
    broken = finding(broken=("staff: /desk/ -> 500",))
    monkeypatch.setattr("comments.management.commands.check_privacy.check", lambda *_, **__: broken)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 pages"):
        call_command("check_privacy", stdout=out)
    assert "NOT SEARCHED staff: /desk/ -> 500" in out.getvalue()


def test_a_thread_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="no thread 'gone'"):
        call_command("check_privacy", thread="gone")


def test_where_nothing_can_be_posted_nothing_is_called_clean(thread, monkeypatch):
    monkeypatch.setattr(canary._Canary, "_form", lambda self, visitor: Form("/nowhere/", {}))
    with pytest.raises(CommandError, match="Nothing could be checked"):
        call_command("check_privacy")
    assert not Comment.objects.exists()


def test_addresses_are_new_each_time_and_of_every_kind():
    one, two = canary.canary_addresses(), canary.canary_addresses()
    assert not set(one) & set(two)
    assert any("+" in address for address in one)
    assert any(not address.isascii() for address in one)
    assert any(address != address.lower() for address in one)
    assert all(drafts.address_faults(address) == [] for address in one)
    assert site.DEBUG is False
