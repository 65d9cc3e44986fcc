"""The forms in which an e-mail address can slip out, and the search for them in whatever a site hands out.

Plain functions over texts: no database, no request. `comments.canary` calls it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import html
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote_plus

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sha3_256")
_HEX = 16
"""Characters of a digest by which it is known: 64 bits, so that a shortened one is found and no chance one is."""
_BASE64 = 12
_HEX_RUN = re.compile(rf"[0-9a-fA-F]{{{_HEX},}}")
_BASE64_RUN = re.compile(rf"[A-Za-z0-9+/_-]{{{_BASE64},}}")
_TAG = re.compile(r"<[^>]*>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MAX_PACKED = 4096


class Traces:
    """What to look for, and the search. Make it once, then ask `find` of each text.

    Args:
        addresses: as typed.
    """

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._plain: dict[str, str] = {}
        self._hex: dict[str, str] = {}
        self._base64: dict[str, list[tuple[str, str]]] = {}
        for address in addresses:
            self.add(address)

    def add(self, address: str) -> None:
        """Look for this address, its local part and its domain, in every form that we know."""
        for text, part in parts_of(address).items():
            self._add_text(text, part)
            if part == "domain":
                continue  # many people share one; a digest of it says nothing
            raw = text.encode()
            for name in _ALGORITHMS:
                digest = hashlib.new(name, raw).digest()
                self._hex[digest.hex()[:_HEX]] = f"{name} of the {part}"
                self._add_base64(digest, f"{name} of the {part}")

    def add_secret(self, raw: bytes, what: str) -> None:
        """Look for these bytes, which are kept for an address, in hexadecimal, base64 and as text."""
        self._hex[raw.hex()[:_HEX]] = what
        self._add_base64(raw, what)
        if raw.isascii():
            self._hex[raw.decode()[:_HEX].lower()] = what
            self._plain[_fold(raw.decode())] = what

    def find(self, content: str) -> list[str]:
        """Return the names of all forms that stand in a text, each once."""
        found: dict[str, None] = {}
        for reading in _readings(content):
            folded = _fold(reading)
            found.update((name, None) for needle, name in self._plain.items() if needle in folded)
        for reading in {content, _unescaped(content)}:
            found.update((name, None) for name in self._encoded_in(reading))
        return list(found)

    def _add_text(self, text: str, part: str) -> None:
        self._plain[_fold(text)] = part
        self._plain[_fold(codecs.encode(text, "rot13"))] = f"rot13 of the {part}"
        self._plain[_fold(text[::-1])] = f"{part}, backwards"
        self._hex[text.encode().hex()[: 2 * _HEX]] = f"{part} in hexadecimal"
        self._add_base64(text.encode(), f"{part} in base64")

    def _add_base64(self, raw: bytes, name: str) -> None:
        for needle in aligned_base64(raw):
            if len(needle) >= _BASE64:
                self._base64.setdefault(needle[:_BASE64], []).append((needle, name))

    def _encoded_in(self, content: str) -> Iterator[str]:
        for match in _HEX_RUN.finditer(content):
            run = match.group().lower()
            for at in range(len(run) - _HEX + 1):
                for length in (_HEX, 2 * _HEX):
                    if name := self._hex.get(run[at : at + length]):
                        yield name
        for match in _BASE64_RUN.finditer(content):
            run = match.group()
            for at in range(len(run) - _BASE64 + 1):
                for needle, name in self._base64.get(run[at : at + _BASE64], ()):
                    # The end of a longer text may be cut off; what is left of a digest has to be most of it.
                    if run.startswith(needle[:24], at):
                        yield name


def parts_of(address: str) -> dict[str, str]:
    """The address, its local part and its domain, each as typed, folded and normalised -> what it is."""
    found: dict[str, str] = {}
    for typed in (address, unicodedata.normalize("NFKC", address.strip())):
        local, _, domain = typed.rpartition("@")
        domains = {domain, domain.lower()}
        with suppress(UnicodeError):
            domains.add(domain.encode("idna").decode("ascii").lower())
        locals_ = {local, local.lower(), local.casefold(), local.partition("+")[0], local.partition("+")[0].casefold()}
        found.update(dict.fromkeys(domains, "domain"))
        found.update(dict.fromkeys(locals_, "local part"))
        for name in (local, local.lower(), local.casefold()):
            found.update((f"{name}@{where}", "address") for where in domains)
        found.update(dict.fromkeys((typed, typed.lower(), typed.casefold()), "address"))
    return found


def aligned_base64(raw: bytes) -> set[str]:
    """How these bytes look in base64 wherever they stand in a longer text, in both alphabets."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        # A character at either end also carries bits of what stands beside.
        start = (before * 8 + 5) // 6
        end = len(encoded) - (1 if (before + len(raw)) % 3 else 0)
        found.add(encoded[start:end])
        found.add(encoded[start:end].replace("+", "-").replace("/", "_"))
    return found


def unpacked(content: str) -> str:
    """What is packed in a text in base64, compressed or not, as signed cookies are. For short texts."""
    found = []
    for match in _BASE64_RUN.finditer(content[: 16 * _MAX_PACKED]):
        run = match.group()
        if len(run) > _MAX_PACKED:
            continue
        try:
            raw = base64.urlsafe_b64decode(run.replace("+", "-").replace("/", "_") + "=" * (-len(run) % 4))
        except (binascii.Error, ValueError):
            continue
        with suppress(zlib.error):
            raw = zlib.decompress(raw)
        found.append(raw.decode("utf-8", "replace"))
    return "\n".join(found)


def _readings(content: str) -> Iterator[str]:
    """A text as it stands, and as a browser, a program or a person would read it."""
    yield content
    plain = _unescaped(content)
    if plain != content:
        yield plain
    if "%" in plain:
        # Twice, for an address in a URL in a URL.
        once = unquote_plus(plain)
        yield once
        if "%" in once:
            yield unquote_plus(once)
    if "<" in content:
        yield _TAG.sub("", plain)


def _unescaped(content: str) -> str:
    return html.unescape(_JSON_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), content))


def _fold(text: str) -> str:
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
