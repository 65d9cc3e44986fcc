"""`manage.py issue_token NAME`: gives a member of staff a token for the API, and shows it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from comments import moderation, tagging
from comments.models import AccessToken


class Command(BaseCommand):
    """Issues an AccessToken."""

    help = "Issue a token (Authorization: Bearer) for a moderator or an editor. It is shown once, never again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say for whom, what for, and for how long."""
        parser.add_argument("username")
        parser.add_argument("--label", default="issue_token", help="what the token is for, as the admin lists it")
        parser.add_argument("--days", type=int, help="days after which it expires; without it, it does not")

    def handle(self, *args: Any, username: str, label: str, days: int | None, **options: Any) -> None:
        """Print the token, and nothing else, on standard output."""
        user = get_user_model()._default_manager.filter(**{get_user_model().USERNAME_FIELD: username}).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}.")
        if not (moderation.may_moderate(user) or tagging.may_correct(user)):
            raise CommandError(f"{username!r} is neither a moderator nor an editor: add the user to one of the groups.")
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("Give --days from 1 to 36500.")
        token = AccessToken.issue(user=user, label=label[:80])
        if days is not None:
            AccessToken.objects.filter(digest=AccessToken.digest_of(token)).update(
                expires_at=timezone.now() + timedelta(days=days)
            )
        self.stdout.write(token)
