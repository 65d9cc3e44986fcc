"""`manage.py issue_token`."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from comments.models import AccessToken


def issue(*args: str) -> str:
    out = StringIO()
    call_command("issue_token", *args, stdout=out)
    return out.getvalue().strip()


def test_a_token_is_printed_once_and_opens_the_api(mona: User, rita: Client) -> None:
    token = issue("mona", "--label", "nightly export")
    row = AccessToken.objects.get()
    assert (row.user, row.label, row.expires_at) == (mona, "nightly export", None)
    assert token not in row.digest
    answer = rita.get("/api/v1/moderation/comments/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_token_can_be_given_an_end(ed: User) -> None:
    issue("ed", "--days", "7")
    expires_at = AccessToken.objects.get().expires_at
    assert expires_at is not None
    assert timedelta(days=6) < expires_at - timezone.now() <= timedelta(days=7)


@pytest.mark.parametrize("arguments", [("nobody",), ("reader",), ("mona", "--days", "0"), ("mona", "--days", "99999")])
def test_a_token_is_refused_where_it_makes_no_sense(mona: User, arguments: tuple[str, ...]) -> None:
    User.objects.create_user("reader")
    with pytest.raises(CommandError):
        issue(*arguments)
    assert not AccessToken.objects.exists()
