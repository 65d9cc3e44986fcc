"""`manage.py demo`: the whole site on this machine, with the seeds; web server and worker under one supervisor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from newsroom.articles.demo_accounts import Account, ensure_accounts
from newsroom.children import LISTEN
from newsroom.supervisor import Child, ChildFailed, Supervisor

_HOST = "127.0.0.1"
_READY_SECONDS = 60.0


class Command(BaseCommand):
    """Prepares the store, then hands over to the supervisor."""

    requires_system_checks = []  # the commands below run them; here they would only load what this process never uses
    help = "Migrates, seeds, and runs web server and worker until Ctrl-C. PORT and VAR_DIR come from the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo makes accounts with printed passwords, so it does not run with DEBUG off.")
        listening = _listen(_port())
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        self._say("Preparing the database …")
        # Processes of their own: what they need in memory goes with them, and this one stays for the whole demo.
        _manage("migrate", "--noinput", "--verbosity", "0")
        _manage("seed")
        accounts = ensure_accounts(settings.VAR_DIR / "demo-accounts.json")
        connections.close_all()
        url = f"http://{_HOST}:{listening.getsockname()[1]}"
        environ = _environ(url)
        if environ.get("DEBUG") == "0":
            _manage("collectstatic", "--noinput", "--clear", "--verbosity", "0", environ=environ)

        program = [sys.executable, "-m", "newsroom.children"]
        web = Child(
            "web server",
            [*program, "web"],
            {**environ, LISTEN: str(listening.fileno())},
            pass_fds=[listening.fileno()],
        )
        worker = Child("worker", [*program, "worker"], environ)

        def on_ready() -> None:
            _await_site(f"{url}/readyz")
            self._say(_welcome(url, accounts))

        try:
            Supervisor([web, worker], say=self._say).run(on_ready, ready_seconds=_READY_SECONDS)
        except ChildFailed as error:
            raise CommandError(str(error)) from error
        finally:
            listening.close()
        self._say("Stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _port() -> int:
    value = os.environ.get("PORT", "") or "8000"
    if not value.isascii() or not value.isdigit() or int(value) > 65535:
        raise CommandError(f"PORT is {value!r}; give a number from 0 (any free port) to 65535.")
    return int(value)


def _listen(port: int) -> socket.socket:
    """Take the port before anything starts. This process keeps it, so nobody is refused while the server restarts.

    Raises:
        CommandError: it is taken, or not to be had.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise CommandError(
            f"Port {port} on {_HOST} cannot be used ({os.strerror(error.errno or 0)}). "
            f"Choose another: PORT={port + 1 if port < 65535 else 8000} make demo"
        ) from error
    return listening


def _environ(url: str) -> dict[str, str]:
    """What the children get beside our own environment: a site as visitors know one, without DEBUG's pages, whose mail
    lies in a folder.

    Those pages would show the addresses that a form carried. Somebody who wants them says DEBUG=1.
    """
    environ = {
        "SITE_URL": os.environ.get("SITE_URL", url),
        "EMAIL_URL": os.environ.get("EMAIL_URL", f"filemail:///{_mail_folder()}"),
        "MAIL_DELAY": os.environ.get("MAIL_DELAY", "10"),
    }
    if "DEBUG" in os.environ:
        return environ
    return environ | {
        "DEBUG": "0",
        "HTTPS": os.environ.get("HTTPS", "0"),
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": ",".join(settings.ALLOWED_HOSTS),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def _mail_folder() -> Path:
    return Path(settings.VAR_DIR) / "mail"


def _manage(*arguments: str, environ: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run another command of the site to its end.

    Raises:
        CommandError: it failed; it has said why.
    """
    done = subprocess.run(  # noqa: S603  our own commands
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env={**os.environ, **environ}, check=False
    )
    if done.returncode:
        raise CommandError(f"`manage.py {arguments[0]}` failed; what it says stands above.")


def _await_site(url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    said = ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
        except OSError as error:
            said = str(error)
        time.sleep(0.1)
    raise ChildFailed(f"The site did not become ready: {said}")


def _welcome(url: str, accounts: list[Account]) -> str:
    lines = [
        "",
        f"  The demo is ready:  {url}/",
        "",
        *(f"  {account.role:<10} {account.username:<5} password {account.password}" for account in accounts),
        "",
        f"  The moderation desk is at {url}/desk/moderation/, the editors' page at {url}/desk/editors/.",
        f"  The mail that it sends lies in {_mail_folder()}.",
        f"  Everything it keeps is in {settings.VAR_DIR}. Ctrl-C stops it.",
        "",
    ]
    return "\n".join(lines)
