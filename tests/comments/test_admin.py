"""The admin: threads with their tags, decisions as actions, tokens shown once, and no addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client

from comments import posting, privacy, reporting, tagging
from comments.models import (
    AccessToken,
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    ModerationEvent,
    Outbox,
    Reader,
    Status,
    Subscription,
    Tag,
    Thread,
)
from comments.models.tag import MAX_TAGS

Write = Callable[..., Comment]

PAGES = [
    "comment", "thread", "moderationevent", "report", "tagassignment", "accesstoken",
    "outbox", "subscription", "confirmationrequest", "confirmation",
]  # fmt: skip
MAIL_PAGES = PAGES[6:]


@pytest.fixture
def monas_admin(mona: User, mona_client: Client) -> Client:
    mona.is_staff = True
    mona.save()
    return mona_client


@pytest.fixture
def eds_admin(ed: User, ed_client: Client) -> Client:
    ed.is_staff = True
    ed.save()
    return ed_client


def thread_form(thread: Thread, rows: list[dict[str, Any]], **fields: str) -> dict[str, str]:
    """What the admin's page of a thread sends."""
    form = {
        "title": thread.title,
        "key": thread.key,
        "url": thread.url,
        "mode": thread.mode,
        "close_after_days": "",
        "tags-TOTAL_FORMS": str(len(rows)),
        "tags-INITIAL_FORMS": str(sum(1 for row in rows if row.get("id"))),
    }
    for index, row in enumerate(rows):
        form |= {f"tags-{index}-{name}": str(value) for name, value in row.items()}
        form[f"tags-{index}-thread"] = str(thread.pk)
    return form | fields


def row_of(tag: Tag, **fields: Any) -> dict[str, Any]:
    return {
        "id": tag.pk,
        "slug": tag.slug,
        "kind": tag.kind,
        "name": tag.name,
        "description": tag.description,
        "position": tag.position,
        **fields,
    }


def act(client: Client, action: str, *rows: Any, page: str = "comment") -> str:
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(f"/admin/comments/{page}/", form, follow=True).text


@pytest.fixture
def mail(thread: Thread, carls_browser: Reader) -> Outbox:
    """A mail that was given up, and a row of each kind that leads to one."""
    commenter = privacy.commenter_for("canary@example.org")
    request = ConfirmationRequest.objects.create(commenter=commenter, reader=carls_browser, nonce="n0nce-of-a-l1nk")
    Confirmation.objects.create(commenter=commenter, reader=carls_browser)
    Subscription.objects.create(commenter=commenter, thread=thread, reader=carls_browser)
    return Outbox.objects.create(
        commenter=commenter, kind="confirm", request=request, state="given_up", attempts=7, fault="recipient 550"
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_every_row_opens(
    admin_client: Client,
    write: Write,
    tags: dict[str, Any],
    carls_browser: Reader,
    admin_user: User,
    mail: Outbox,
    page: str,
) -> None:
    comment = write("Findable words.")
    write(status="rejected")
    reporting.report(comment, reader=carls_browser, reason="abuse")
    tagging.correct(comment, tags["jobs"], applies=True, by=admin_user)
    AccessToken.issue(user=admin_user, label="robot")

    response = admin_client.get(f"/admin/comments/{page}/")
    row = re.search(rf'href="(/admin/comments/{page}/\d+/change/)', response.text)

    assert response.status_code == 200
    assert row is not None
    assert admin_client.get(row.group(1)).status_code == 200


def test_commenters_are_not_in_the_admin_and_their_addresses_on_no_page_of_it(
    admin_client: Client, write: Write
) -> None:
    comment = write(email="canary@example.org", status="pending")

    assert not admin.site.is_registered(Commenter)
    for page in ["/admin/", *(f"/admin/comments/{page}/" for page in PAGES)]:
        assert "canary" not in admin_client.get(page).text
    assert "canary" not in admin_client.get(f"/admin/comments/comment/{comment.pk}/change/").text


def test_pages_of_mail_show_no_address_and_nothing_that_a_link_is_made_of(admin_client: Client, mail: Outbox) -> None:
    row = mail.commenter
    secrets = ["canary", "n0nce", mail.message_id, row.address_digest or "", bytes(row.sealed_address).hex()]
    for page in MAIL_PAGES:
        listed = admin_client.get(f"/admin/comments/{page}/").text
        first = re.search(rf'href="(/admin/comments/{page}/\d+/change/)', listed)
        assert first is not None
        shown = admin_client.get(first.group(1)).text
        assert not [secret for secret in secrets if secret in listed + shown]


def test_a_mail_that_was_given_up_is_seen_and_tried_again(admin_client: Client, mail: Outbox) -> None:
    listed = admin_client.get("/admin/comments/outbox/?state__exact=given_up").text
    assert "recipient 550" in listed

    said = act(admin_client, "retry", mail, page="outbox")

    mail.refresh_from_db()
    assert "1 mail will be tried again." in said
    assert (mail.state, mail.attempts) == ("waiting", 1)
    assert "Only a mail that was given up can be tried again." in act(admin_client, "retry", mail, page="outbox")


def test_who_may_only_look_tries_no_mail_again(monas_admin: Client, mona: User, mail: Outbox) -> None:
    mona.user_permissions.add(Permission.objects.get(codename="view_outbox"))

    act(monas_admin, "retry", mail, page="outbox")

    mail.refresh_from_db()
    assert mail.state == "given_up"


@pytest.mark.parametrize("page", MAIL_PAGES)
def test_rows_of_mail_are_only_to_look_at(admin_client: Client, mail: Outbox, page: str) -> None:
    assert admin_client.get(f"/admin/comments/{page}/add/").status_code == 403
    row = re.search(rf'href="(/admin/comments/{page}/\d+/)change/', admin_client.get(f"/admin/comments/{page}/").text)
    assert row is not None
    assert admin_client.post(f"{row.group(1)}delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{row.group(1)}change/", {}).status_code == 403


def test_comments_are_found_by_their_words_and_by_their_names(admin_client: Client, write: Write) -> None:
    write("The dredgers came at dawn.", name="Rita")
    write("Nothing of the kind.", name="Carl")

    by_text = admin_client.get("/admin/comments/comment/?q=dredgers").text
    by_name = admin_client.get("/admin/comments/comment/?q=carl").text

    assert "dawn" in by_text
    assert "the kind" not in by_text
    assert "the kind" in by_name
    assert "dawn" not in by_name


def test_a_comment_can_be_looked_at_and_not_changed(admin_client: Client, write: Write) -> None:
    comment = write("As it was.")
    url = f"/admin/comments/comment/{comment.pk}/"

    assert admin_client.post(f"{url}change/", {"html": "changed", "status": "spam"}).status_code == 403
    assert admin_client.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get("/admin/comments/comment/add/").status_code == 403
    comment.refresh_from_db()
    assert comment.text == "As it was."


def test_approving_several_decides_on_each_and_logs_it(monas_admin: Client, mona: User, write: Write) -> None:
    waiting = [write(status="pending") for _ in range(2)]
    public = write()

    page = act(monas_admin, "approve", *waiting, public)

    assert "2 comments are approved now." in page
    assert "1 comment was approved already." in page
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}
    assert ModerationEvent.objects.filter(by=mona, to_status="approved").count() == 2


def test_marking_as_spam_goes_through_the_verb(monas_admin: Client, write: Write, thread: Thread) -> None:
    comment = write()

    act(monas_admin, "mark_as_spam", comment)

    comment.refresh_from_db()
    thread.refresh_from_db()
    assert comment.status == Status.SPAM
    assert thread.comment_count == 0


def test_what_cannot_be_decided_is_said_and_holds_nothing_up(
    monas_admin: Client, write: Write, carls_browser: Reader
) -> None:
    gone, waiting = write(reader=carls_browser), write(status="pending")
    posting.withdraw(gone, reader=carls_browser)

    page = act(monas_admin, "approve", gone, waiting)

    assert f"Comment {gone.pk}: A withdrawn comment cannot be changed any more." in page
    assert "1 comment is approved now." in page


def test_an_editor_sees_comments_and_gets_no_decisions(eds_admin: Client, write: Write) -> None:
    comment = write(status="pending")

    assert "Approve" not in eds_admin.get("/admin/comments/comment/").text
    act(eds_admin, "approve", comment)

    comment.refresh_from_db()
    assert comment.status == Status.PENDING


def test_a_new_tag_gets_a_bit_and_has_the_thread_tagged_anew(
    eds_admin: Client, write: Write, tags: dict[str, Any], thread: Thread
) -> None:
    comment = write()
    tagging.assign_by_machine(comment, revision=1, tags=[])
    rows = [row_of(tag) for tag in thread.tags.all()]
    new = {"id": "", "slug": "noise", "kind": "indicator", "name": "The noise", "description": "", "position": 9}

    response = eds_admin.post(f"/admin/comments/thread/{thread.pk}/change/", thread_form(thread, [*rows, new]))

    assert response.status_code == 302
    assert Tag.objects.get(slug="noise").bit == 4
    assert list(Comment.objects.untagged()) == [comment]


def test_a_removed_tag_is_taken_off_its_comments(
    eds_admin: Client, write: Write, tags: dict[str, Any], thread: Thread, ed: User
) -> None:
    comment = write()
    tagging.correct(comment, tags["jobs"], applies=True, by=ed)
    rows = [row_of(tag, **({"DELETE": "on"} if tag.slug == "jobs" else {})) for tag in thread.tags.all()]

    eds_admin.post(f"/admin/comments/thread/{thread.pk}/change/", thread_form(thread, rows))

    comment.refresh_from_db()
    assert not Tag.objects.filter(slug="jobs").exists()
    assert comment.tag_mask == 0
    assert not thread.facet_counts.filter(count__gt=0).exists()


def test_more_tags_than_a_thread_can_have_are_refused_on_the_page(
    eds_admin: Client, tags: dict[str, Any], thread: Thread
) -> None:
    rows = [row_of(tag) for tag in thread.tags.all()]
    blank = {"id": "", "kind": "indicator", "description": ""}
    more = [{**blank, "slug": f"t{n}", "name": f"Tag {n}", "position": n} for n in range(MAX_TAGS - 3)]

    response = eds_admin.post(f"/admin/comments/thread/{thread.pk}/change/", thread_form(thread, [*rows, *more]))

    assert response.status_code == 200
    assert f"at most {MAX_TAGS} tags" in response.text
    assert thread.tags.count() == 4


def test_saving_a_thread_leaves_its_counters_alone_and_renews_its_pages(
    eds_admin: Client, write: Write, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comments.admin.discussion import ThreadAdmin

    save = ThreadAdmin.save_model

    def save_late(self: Any, request: Any, obj: Thread, form: Any, change: bool) -> None:
        write()  # becomes public between reading the row and storing it
        save(self, request, obj, form, change)

    monkeypatch.setattr(ThreadAdmin, "save_model", save_late)
    version = thread.version

    eds_admin.post(f"/admin/comments/thread/{thread.pk}/change/", thread_form(thread, [], mode="closed"))

    thread.refresh_from_db()
    assert (thread.mode, thread.comment_count) == ("closed", 1)
    assert thread.version > version + 1


def test_a_thread_links_to_pages_only(eds_admin: Client, thread: Thread) -> None:
    form = thread_form(thread, [], url="javascript:alert(1)")

    response = eds_admin.post(f"/admin/comments/thread/{thread.pk}/change/", form)

    assert response.status_code == 200
    thread.refresh_from_db()
    assert thread.url == "/articles/harbour/"


def test_a_discussion_is_not_deleted_by_a_click(admin_client: Client, thread: Thread) -> None:
    assert admin_client.post(f"/admin/comments/thread/{thread.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_token_is_shown_once_and_works(admin_client: Client, mona: User) -> None:
    form = {"user": str(mona.pk), "label": "Robot <1>", "expires_at_0": "2030-01-01", "expires_at_1": "00:00"}

    page = admin_client.post("/admin/comments/accesstoken/add/", form, follow=True).text
    token = re.search(r"<code>([\w-]{40,})</code>", page)

    assert token is not None
    assert "Robot &lt;1&gt;" in page
    made = AccessToken.objects.get()
    assert made.digest == AccessToken.digest_of(token.group(1))
    assert (made.user, made.expires_at.year) == (mona, 2030)  # type: ignore[union-attr]
    assert token.group(1) not in admin_client.get("/admin/comments/accesstoken/").text
    assert made.digest not in admin_client.get(f"/admin/comments/accesstoken/{made.pk}/change/").text


def test_a_token_can_be_deleted_and_not_changed(admin_client: Client, mona: User) -> None:
    AccessToken.issue(user=mona, label="robot")
    url = f"/admin/comments/accesstoken/{AccessToken.objects.get().pk}"

    assert admin_client.post(f"{url}/change/", {"label": "other"}).status_code == 403
    assert admin_client.post(f"{url}/delete/", {"post": "yes"}).status_code == 302
    assert not AccessToken.objects.exists()


def test_a_moderator_issues_no_tokens(monas_admin: Client) -> None:
    assert monas_admin.get("/admin/comments/accesstoken/add/").status_code == 403
