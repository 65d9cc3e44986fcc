"""The only door to cryptography: seals and opens addresses, and makes keyed digests.

An address is sealed with authenticated encryption under the newest key and matched by a keyed digest; older keys open
and match what they sealed until it is seen again. `comments.posting` seals; only a mail task may call `open_address`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import secrets
import unicodedata
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from comments import conf
from comments.models.people import Commenter

_DIGEST_LENGTH = 32
"""Hexadecimal characters of a digest that are kept: 128 bits, beyond any chance of two people sharing one."""


class UnreadableAddress(Exception):
    """No key in `COMMENTS["ADDRESS_KEYS"]` opens this row."""


def address_keys() -> tuple[str, ...]:
    """The secrets in force, newest first."""
    keys = tuple(conf.ADDRESS_KEYS)
    return keys or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@sensitive_variables()
def normalise_address(address: str) -> str:
    """Return the form of an address by which two typings of it are known to be one.

    Case and Unicode form are folded and an international domain is written in ASCII (RFC 5891). A `+tag` stays: who
    types one wants it to be another address.
    """
    local, _, domain = unicodedata.normalize("NFKC", address.strip()).rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local.casefold()}@{domain.casefold()}"


@sensitive_variables()
def seal_address(address: str) -> bytes:
    """Return the sealed form of an address, as typed, under the newest key."""
    # Fernet hands out base64; a database keeps bytes.
    return base64.urlsafe_b64decode(_sealer(address_keys()).encrypt(address.strip().encode()))


@sensitive_variables()
def open_address(commenter: Commenter) -> str:
    """Return the address of a commenter. For sending mail, and for nothing else.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    try:
        token = base64.urlsafe_b64encode(bytes(commenter.sealed_address))
        return _sealer(address_keys()).decrypt(token).decode()
    except InvalidToken:
        raise UnreadableAddress from None


@sensitive_variables()
def commenter_for(address: str) -> Commenter:
    """Return the commenter behind an address, made on first sight.

    A match under an older key is digested anew and sealed anew, so a rotated key goes out of use by itself.
    """
    normal = normalise_address(address)
    keys = address_keys()
    digests = [_digest(key, "address", normal)[:_DIGEST_LENGTH] for key in keys]
    rows = {row.address_digest: row for row in Commenter.objects.filter(address_digest__in=digests)}
    # The newest key's first: a rotation that was taken back leaves two rows, and only one may carry a digest.
    found = next((rows[digest] for digest in digests if digest in rows), None)
    if found is None:
        # Two requests with one new address race here: the unique digest lets one insert, the other reads it.
        return Commenter.objects.get_or_create(
            address_digest=digests[0], defaults={"sealed_address": seal_address(address)}
        )[0]
    if found.address_digest != digests[0]:
        found.address_digest = digests[0]
        found.sealed_address = seal_address(address)
        found.save(update_fields=["address_digest", "sealed_address"])
    return found


def keyed_digest(purpose: str, value: str, *, length: int = _DIGEST_LENGTH) -> str:
    """Return a digest that nobody without the key can make or test guesses against.

    Args:
        purpose: separates uses, so that one digest never equals another of the same value.
        length: hexadecimal characters kept, 64 at most.
    """
    return _digest(address_keys()[0], purpose, value)[:length]


def new_reader_cookie() -> str:
    """Return a fresh random name for a browser."""
    return secrets.token_urlsafe(24)


def reader_digest(cookie: str) -> str:
    """Return the digest by which a browser's cookie is looked up.

    The cookie carries 192 random bits, so this needs no secret; `salted_hmac` binds it to its purpose.
    """
    return salted_hmac("comments.reader", cookie, secret="reader", algorithm="sha256").hexdigest()[:_DIGEST_LENGTH]  # noqa: S106


@lru_cache(maxsize=32)
def _derive(secret: str, purpose: str) -> bytes:
    """HKDF (RFC 5869) makes independent keys for sealing and digesting from one secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"comments.{purpose}".encode()).derive(secret.encode())


@lru_cache(maxsize=8)
def _sealer(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key, "seal"))) for key in keys])


def _digest(key: str, purpose: str, value: str) -> str:
    secret = _derive(key, "digest")
    return hmac.new(secret, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
