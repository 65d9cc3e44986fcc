"""The desk's page of alerts and webhooks: who may open what, and what a press does."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import webhooks
from comments.models import AlertChoice, Delivery, Webhook

PAGE = "/desk/moderation/alerts/"
HOOKS = "/desk/moderation/alerts/webhooks/"
EVENTS = {"pending": "1", "reported": "1", "decided": "1"}


@pytest.fixture
def olga(db: None) -> User:
    """An operator: runs the webhooks and does not moderate."""
    user = User.objects.create_user("olga")
    user.user_permissions.add(Permission.objects.get(codename="change_webhook"))
    return user


@pytest.fixture
def olga_client(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


@pytest.fixture
def hook(olga: User) -> Webhook:
    return webhooks.add(url="https://example.org/hook", events=dict.fromkeys(EVENTS, True)).webhook


def test_a_moderator_chooses_what_to_hear_of(mona: User, mona_client: Client) -> None:
    choice = {"pending": "at_once", "reported": "digest", "digest_hours": "6"}
    answer = mona_client.post(PAGE, choice)
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    row = AlertChoice.objects.get(user=mona)
    assert (row.pending, row.reported, row.digest_hours) == ("at_once", "digest", 6)
    assert '<option value="at_once" selected>' in mona_client.get(PAGE).content.decode()


def test_decisions_and_drift_are_chosen_and_a_form_without_them_leaves_them(mona: User, mona_client: Client) -> None:
    choice = {"pending": "never", "reported": "never", "digest_hours": "6"}
    mona_client.post(PAGE, {**choice, "decided": "digest", "drift": "at_once"})
    mona_client.post(PAGE, choice)
    row = AlertChoice.objects.get(user=mona)
    assert (row.decided, row.drift) == ("digest", "at_once")
    answer = mona_client.post(PAGE, {**choice, "drift": "digest"})
    assert answer.status_code == 422
    assert 'id="desk-drift-fault"' in answer.content.decode()


@pytest.mark.parametrize("hours", ["7", "", "-1", "9" * 30, "\x00", "½"])
def test_a_choice_that_is_none_comes_back_with_its_fault(mona_client: Client, hours: str) -> None:
    answer = mona_client.post(PAGE, {"pending": "hourly", "reported": "never", "digest_hours": hours})
    assert answer.status_code == 422
    assert 'id="desk-hours-fault"' in answer.content.decode()
    assert not AlertChoice.objects.exists()


def test_a_moderator_sees_no_webhooks(mona_client: Client, hook: Webhook) -> None:
    page = mona_client.get(PAGE).content.decode()
    assert "example.org/hook" not in page
    assert mona_client.get(f"{HOOKS}{hook.pk}/").status_code == 403
    assert mona_client.post(HOOKS, {"url": "https://example.org/x"}).status_code == 403
    assert mona_client.post(f"{HOOKS}{hook.pk}/remove/").status_code == 403
    assert Webhook.objects.count() == 1


def test_who_has_neither_right_is_refused_and_strangers_log_in(ed_client: Client, sam: Client) -> None:
    assert ed_client.get(PAGE).status_code == 403
    assert ed_client.post(PAGE, {}).status_code == 403
    assert sam.get(PAGE).status_code == 302


def test_an_operator_who_does_not_moderate_chooses_no_alerts(olga_client: Client) -> None:
    assert 'name="digest_hours"' not in olga_client.get(PAGE).content.decode()
    assert olga_client.post(PAGE, {"pending": "at_once"}).status_code == 403


def test_a_secret_is_shown_once(olga_client: Client) -> None:
    answer = olga_client.post(HOOKS, {"url": "https://example.org/hook", "decided": "1"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    secret = answer.context["secret"]
    assert len(secret) > 30
    assert secret in answer.content.decode()
    row = Webhook.objects.get()
    assert (row.on_pending, row.on_reported, row.on_decided) == (False, False, True)
    for path in (PAGE, f"{HOOKS}{row.pk}/"):
        assert secret not in olga_client.get(path).content.decode()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://10.0.0.1/", "javascript:alert(1)", "", "\x00", "a" * 9999]
)
def test_an_address_that_may_not_be_called_comes_back_with_its_fault(olga_client: Client, url: str) -> None:
    answer = olga_client.post(HOOKS, {"url": url, "decided": "1"})
    assert answer.status_code == 422
    assert 'id="desk-url-fault"' in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_is_changed_and_removed(olga_client: Client, hook: Webhook) -> None:
    assert olga_client.post(f"{HOOKS}{hook.pk}/", {"reported": "1"}).status_code == 303
    hook.refresh_from_db()
    assert (hook.on_pending, hook.on_reported, hook.is_active) == (False, True, False)
    assert olga_client.post(f"{HOOKS}{hook.pk}/ping/").status_code == 409
    assert olga_client.post(f"{HOOKS}{hook.pk}/remove/").status_code == 303
    assert not Webhook.objects.exists()


def test_a_test_stands_in_the_log_and_can_be_sent_again(olga_client: Client, hook: Webhook) -> None:
    assert olga_client.post(f"{HOOKS}{hook.pk}/ping/").status_code == 303
    row = Delivery.objects.get()
    path = f"{HOOKS}{hook.pk}/{row.pk}/"
    assert olga_client.post(path).status_code == 409
    Delivery.objects.update(state="given_up", response_status=500, fault="http 500")
    page = olga_client.get(f"{HOOKS}{hook.pk}/").content.decode()
    assert "http 500" in page
    assert path in page
    assert olga_client.post(path).status_code == 303
    assert Delivery.objects.get().state == "waiting"


def test_the_log_goes_page_by_page(olga_client: Client, hook: Webhook) -> None:
    Delivery.objects.bulk_create([Delivery(webhook=hook, event="ping") for _ in range(60)])
    page = olga_client.get(f"{HOOKS}{hook.pk}/")
    assert len(page.context["deliveries"]) == 50
    rest = olga_client.get(page.context["next_url"])
    assert (len(rest.context["deliveries"]), rest.context["next_url"]) == (10, "")
    assert olga_client.get(f"{HOOKS}{hook.pk}/?before=nonsense").status_code == 400


def test_numbers_beyond_all_are_not_found(olga_client: Client, hook: Webhook) -> None:
    for path in (f"{HOOKS}{2**70}/", f"{HOOKS}{2**70}/ping/", f"{HOOKS}{hook.pk}/{2**70}/", f"{HOOKS}{hook.pk}/1/"):
        answer = olga_client.post(path)
        assert answer.status_code == 404, path


def test_pages_need_no_more_queries_for_more_rows(olga_client: Client, hook: Webhook) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert olga_client.get(PAGE).status_code == 200
            assert olga_client.get(f"{HOOKS}{hook.pk}/").status_code == 200
        return len(queries)

    count()
    Delivery.objects.create(webhook=hook, event="ping", state="given_up")
    before = count()
    Delivery.objects.bulk_create([Delivery(webhook=hook, event="ping", state="given_up") for _ in range(40)])
    for number in range(10):
        webhooks.add(url=f"https://example.org/{number}", events={})
    assert count() == before
