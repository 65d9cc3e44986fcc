"""Reads files of JSON objects, one on each line, as outside programs write them.

Files are hostile input: every line is checked alone, and a wrong one is refused with its file, its number and what to
do. The readers of each format, here and in `analysis`, build on it. No database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path


class FileError(ValueError):
    """A line that cannot be used; the message names file and line and says what to do."""


def objects(path: str | Path, *, shape: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    """Read the objects of a file, with their line's number and its name for messages. Blank lines are passed over.

    Args:
        shape: what a line should look like, for messages: `{"id": ..., "text": ...}`.

    Raises:
        FileError: the first wrong line.
        OSError: the file cannot be opened.
    """
    # Bytes, so that a line in a wrong encoding can be named.
    with open(path, "rb") as stream:
        for number, raw in enumerate(stream, start=1):
            line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if line.strip():
                place = f"{path}, line {number}"
                yield number, place, _object(line, place, shape)


def identity(fields: dict[str, object], place: str) -> str | int:
    """The `id` of a line: a text or a whole number, given back as it came.

    Raises:
        FileError: it is missing or something else.
    """
    found = fields.get("id")
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        raise FileError(f'{place}: "id" is missing or not a text; give each comment one.')
    return found


def _object(line: bytes, place: str, shape: str) -> dict[str, object]:
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FileError(f"{place}: not UTF-8 at byte {error.start}; save the file as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise FileError(f"{place}: not valid JSON ({reason}); write one object on each line.") from error
    if not isinstance(fields, dict):
        raise FileError(f"{place}: not an object; write {shape} on each line.")
    return fields
