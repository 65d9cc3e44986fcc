"""A real mail server on this machine, for tests: it takes mails, and misbehaves where a test says so.

It runs in a thread of its own. A fault stands at a step of the conversation; a hook is told of each step before it is
answered, and may kill who is at the other end.
"""

# ruff: noqa: N802  aiosmtpd wants its own names
from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import SMTPDataError
from typing import Any

import django
from aiosmtpd.smtp import SMTP
from django.core.mail.backends.base import BaseEmailBackend

CUT = "cut"
"""The connection breaks off."""

HANG = "hang"
"""No answer comes, ever."""

STEPS = ("connect", "mail", "rcpt", "data", "content", "dot", "answered", "quit")
"""`content` lies between the server's go-ahead and the final dot, `dot` between that and the answer to it."""


@dataclass(frozen=True)
class Received:
    """A mail that the server has said yes to, or was about to."""

    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class MailServer:
    """What a test sets and sees.

    Args:
        faults: step -> an answer such as "451 later", CUT or HANG. One for `rcpt` counts for each recipient.
        hook: called in the server's thread with each step that is reached; may return a fault for it.
    """

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    hook: Callable[[str], str | None] = lambda step: None
    host: str = "127.0.0.1"
    sessions: list[SMTP] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def copies(self) -> Counter[str]:
        """How often each Message-ID has come."""
        return Counter(mail.message_id for mail in self.mails)

    def options(self, *, timeout: float) -> dict[str, Any]:
        """Settings that make Django send through this server."""
        backend = "django.core.mail.backends.smtp.EmailBackend"
        if django.VERSION >= (6, 1):
            options = {"host": self.host, "port": self.port, "timeout": timeout}
            return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}
        return {
            "EMAIL_BACKEND": backend,
            "EMAIL_HOST": self.host,
            "EMAIL_PORT": self.port,
            "EMAIL_TIMEOUT": timeout,
        }


class _Session(SMTP):
    """One conversation, interrupted at the steps where the stage has a fault."""

    def __init__(self, stage: MailServer, **options: Any) -> None:
        super().__init__(_Taker(stage), hostname="mail.test", ident="test", **options)
        self.stage = stage
        stage.sessions.append(self)

    async def stumbles(self, step: str) -> bool:
        """Whether the conversation does not go on as usual from this step."""
        self.stage.steps.append(step)
        fault = self.stage.hook(step) or self.stage.faults.get(step, "")
        if fault == HANG:
            await asyncio.Event().wait()
        elif fault == CUT:
            self.transport.abort()
        elif fault:
            await self.push(fault)
        return bool(fault)

    async def push(self, status: Any) -> None:
        await super().push(status)
        if str(status).startswith("354"):
            await self.stumbles("content")

    async def _handle_client(self) -> None:
        if await self.stumbles("connect"):
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self.stumbles("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.stumbles("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:
        if not await self.stumbles("data"):
            await super().smtp_DATA(arg)
            if not self.transport.is_closing():
                await self.stumbles("answered")

    async def smtp_QUIT(self, arg: str | None) -> None:
        if not await self.stumbles("quit"):
            await super().smtp_QUIT(arg)


class _Taker:
    """Takes mails that have come whole."""

    def __init__(self, stage: MailServer) -> None:
        self.stage = stage

    async def handle_DATA(self, server: _Session, session: Any, envelope: Any) -> str:
        self.stage.steps.append("dot")
        message = message_from_bytes(envelope.content, policy=policy.default)
        fault = self.stage.faults.get("dot", "")
        if not fault or fault in {CUT, HANG}:
            # It has the mail, whatever becomes of its answer.
            self.stage.mails.append(Received(tuple(envelope.rcpt_tos), message))
        fault = self.stage.hook("dot") or fault
        if fault == HANG:
            await asyncio.Event().wait()
        if fault == CUT:
            server.transport.abort()
        return fault if fault and fault != CUT else "250 taken"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """A server on a free port, stopped at the end."""
    stage = MailServer()
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)  # what a cut connection leaves behind
    server = loop.run_until_complete(loop.create_server(lambda: _Session(stage, loop=loop), stage.host, 0))
    stage.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server, stage.sessions), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _stop(server: asyncio.AbstractServer, sessions: list[SMTP]) -> None:
    server.close()
    for session in sessions:
        if session.transport is not None:
            session.transport.abort()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # lets the transports close


class Crash(BaseException):
    """The worker dies here."""


class Script(BaseEmailBackend):
    """A mail backend that a test leads: it delivers, fails, or dies before or after it has delivered.

    `plan` is asked before each mail and answers "", "later", "dies before" or "dies after"; `arrived` is told of each
    mail that is delivered.
    """

    plan: Callable[[], str] = staticmethod(lambda: "")
    arrived: Callable[[Any], object] = staticmethod(lambda message: None)

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for message in email_messages:
            what = type(self).plan()
            if what == "later":
                raise SMTPDataError(451, b"later")
            if what == "dies before":
                raise Crash
            type(self).arrived(message)
            if what == "dies after":
                raise Crash
        return len(email_messages)


def scripted() -> dict[str, Any]:
    """Settings that make Django send by `Script`."""
    backend = f"{__name__}.Script"
    return {"MAILERS": {"default": {"BACKEND": backend}}} if django.VERSION >= (6, 1) else {"EMAIL_BACKEND": backend}
