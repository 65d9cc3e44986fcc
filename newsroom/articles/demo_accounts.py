"""The demo's accounts: a moderator and an editor, with passwords made on the first run and kept beside the database."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.db import transaction


@dataclass(frozen=True, slots=True)
class Account:
    """What the demo prints of an account."""

    role: str
    username: str
    password: str


_ROLES = {"mona": ("moderator", "Moderators"), "ed": ("editor", "Editors")}


def ensure_accounts(kept_in: Path) -> list[Account]:
    """Make the accounts where they are missing, and return them with the passwords that were made on the first run.

    Args:
        kept_in: file that only its owner can read. Where it is lost, the accounts get new passwords.
    """
    passwords = _read(kept_in)
    is_new = not passwords
    if is_new:
        passwords = {username: secrets.token_urlsafe(9) for username in _ROLES}
    with transaction.atomic():
        for username, (_role, group) in _ROLES.items():
            user, is_made = User.objects.get_or_create(username=username, defaults={"is_staff": True})
            if is_made or is_new:
                user.set_password(passwords[username])
                user.save()
            user.groups.add(Group.objects.get(name=group))
        if is_new:
            _write(kept_in, passwords)
    return [Account(role, username, passwords[username]) for username, (role, _group) in _ROLES.items()]


def _read(path: Path) -> dict[str, str]:
    try:
        passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return passwords if isinstance(passwords, dict) and passwords.keys() == _ROLES.keys() else {}


def _write(path: Path, passwords: dict[str, str]) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(passwords, file)
    part.replace(path)
