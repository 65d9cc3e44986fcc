"""`manage.py rotate_keys`: seals every address under the newest key. A thin door to `comments.commenters`."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from comments import commenters, webhooks


class Command(BaseCommand):
    help = (
        "Seals and digests every address under the first of COMMENTS['ADDRESS_KEYS'], while the site goes on. What was "
        "interrupted goes on where it was; a second run finds nothing to do. Put the new key first, keep the old ones "
        "behind it, restart all processes, run this, and take the old keys away when it says that none is needed. "
        "SECRET_KEY and its fallbacks count as old keys without standing there, so a site that had none of its own "
        "begins in the same way."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        left = commenters.sealed_under_older_keys().count()
        done = 0
        with tqdm(total=left, unit="address", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
            for renewed in commenters.renew_seals():
                done += renewed
                bar.update(renewed)
        self.stdout.write(f"{done} addresses are under the newest key now.")
        closed = commenters.sealed_under_older_keys().count()
        if closed:
            raise CommandError(
                f"{closed} addresses remain under other keys. Run this once more; if the number stays, no key in "
                "COMMENTS['ADDRESS_KEYS'], nor SECRET_KEY or its fallbacks, opens them: put the key back that did."
            )
        if unread := webhooks.renew_seals():
            raise CommandError(
                f"The secrets of {unread} webhooks remain under other keys, and none in force opens them: put the key "
                "back that sealed them, or remove those webhooks."
            )
        self.stdout.write("No older key is needed any more.")
