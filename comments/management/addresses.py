"""How a command takes an address: typed at a prompt, or one line of standard input. Commands that need one call it.

Never as an argument: other users of the machine see those, and the shell writes them down.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from django.core.management.base import CommandError
from django.views.decorators.debug import sensitive_variables

from comments import drafts


def refuse_arguments(parser: ArgumentParser) -> None:
    """Take whatever stands on the command line, so that `ask` can refuse it without repeating it."""
    parser.add_argument("refused", nargs="*", metavar="", help="nothing: the address is typed at the prompt")


@sensitive_variables("address")
def ask(refused: Sequence[str]) -> str:
    """Return the address that the operator types.

    Raises:
        CommandError: it stood on the command line, or is no address. Its text is in neither sentence.
    """
    if refused:
        raise CommandError("Do not give the address on the command line, where others can read it: type it when asked.")
    address = typed_line("Email address: ")
    if drafts.address_faults(address):
        raise CommandError("This is no email address. Nothing was done.")
    return address


@sensitive_variables()
def typed_line(prompt: str) -> str:
    """Return the next line of standard input, without the blanks around it; ask for it where a person sits there.

    Raises:
        CommandError: the operator pressed Ctrl-C instead.
    """
    try:
        if sys.stdin.isatty():
            sys.stderr.write(prompt)
            sys.stderr.flush()
        return sys.stdin.readline().strip()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise CommandError("Nothing was done.", returncode=130) from None
