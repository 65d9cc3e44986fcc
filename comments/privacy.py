"""The only door to cryptography: seals and opens addresses, and makes keyed digests.

An address is sealed with authenticated encryption under the newest key and matched by a keyed digest; older keys open
and match what they sealed until it is seen again. `comments.posting` seals; only a mail task and
`comments.disclosing` may call `open_address`.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import secrets
import unicodedata
from datetime import timedelta
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from comments import conf
from comments.models.desk import Block
from comments.models.people import Commenter
from comments.prepared import Given, Insert, Select

_DAY = timedelta(days=1)
_DIGEST_LENGTH = 32
"""Hexadecimal characters of a digest that are kept: 128 bits, beyond any chance of two people sharing one."""


class UnreadableAddress(Exception):
    """None of `address_keys` opens this row."""


def address_keys() -> tuple[str, ...]:
    """The secrets in force, newest first.

    Those of the site stand behind `ADDRESS_KEYS`: what they sealed before a host gave keys of its own opens and is
    found as ever, until `rotate_keys` or the next visit has sealed it anew. They seal nothing from then on.
    """
    return tuple(dict.fromkeys((*conf.ADDRESS_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)))


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
    """Return the address of a commenter. For sending mail, and for `comments.disclosing`, which writes down who looked.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    try:
        token = base64.urlsafe_b64encode(bytes(commenter.sealed_address))
        return _sealer(address_keys()).decrypt(token).decode()
    except InvalidToken:
        raise UnreadableAddress from None


@sensitive_variables()
def seal_secret(secret: str) -> tuple[bytes, str]:
    """Return the sealed form of a secret of the operator's, a webhook's say, and the name of the key that sealed it."""
    keys = address_keys()
    return base64.urlsafe_b64decode(_sealer(keys).encrypt(secret.encode())), key_name(keys[0])


@sensitive_variables()
def open_secret(sealed: bytes) -> str:
    """Return what `seal_secret` sealed.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    try:
        return _sealer(address_keys()).decrypt(base64.urlsafe_b64encode(sealed)).decode()
    except InvalidToken:
        raise UnreadableAddress from None


@sensitive_variables()
def commenter_for(address: str) -> Commenter:
    """Return the commenter behind an address, made on first sight.

    A match under an older key is digested anew and sealed anew, so a rotated key goes out of use by itself.

    Raises:
        Commenter.DoesNotExist, IntegrityError: the row became another's at this moment; see `comments.retrying`.
    """
    digests = _address_digests(address)
    found = _with_digest(digests)
    if found is None:
        # Two requests with one new address race here: the unique digest lets one insert, the other reads it.
        if len(digests) > 1:
            # Of somebody who was blocked and erased there is a digest and no row; it goes over to the newest key, too.
            Block.objects.filter(address_digest__in=digests[1:]).update(address_digest=digests[0])
        found = Commenter(address_digest=digests[0], **_sealed(address))
        return found if _NEW_COMMENTER.add(found) else Commenter.objects.get(address_digest=digests[0])
    if found.address_digest != digests[0]:
        _seal_anew(found, address, digests[0])
    elif timezone.now() - found.seen_at > _DAY:
        _change(found, seen_at=timezone.now())
    return found


@sensitive_variables()
def known_commenters(address: str) -> list[Commenter]:
    """Return all rows that stand for an address, under whichever key; makes and changes none. For operators.

    The rows that nobody has matched yet are opened and compared: they wait for seconds, so they are few.
    """
    rows = list(Commenter.objects.filter(address_digest__in=_address_digests(address)))
    normal = normalise_address(address)
    for row in Commenter.objects.filter(address_digest__isnull=True).iterator():
        with contextlib.suppress(UnreadableAddress):
            if normalise_address(open_address(row)) == normal:
                rows.append(row)
    return rows


@sensitive_variables()
def unmatched_commenter(address: str) -> Commenter:
    """Store an address without looking whether it is known: the same work, in the same time, for each.

    `match` finds out later, where nobody is waiting for an answer.
    """
    return Commenter.objects.create(address_digest=None, **_sealed(address))


@sensitive_variables()
def match(commenter: Commenter) -> Commenter:
    """Return the row that stands for the address of an unmatched one: an older row, or this one from now on.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    if commenter.address_digest is not None:
        return commenter
    address = open_address(commenter)
    digests = _address_digests(address)
    found = _with_digest(digests)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            commenter.address_digest = digests[0]
            commenter.save(update_fields=["address_digest"])
    except IntegrityError:
        # Another process has met the same new address at this moment, and was first.
        commenter.address_digest = None
        return Commenter.objects.get(address_digest=digests[0])
    return commenter


@sensitive_variables()
def mailbox_digests(commenter: Commenter) -> list[str]:
    """Return the digests of the mailbox behind an address, under each key, newest first.

    To the readers of one mailbox `name+anything@` is mail to `name@`, and with a large provider so is `n.a.m.e@`.
    These are different people's addresses as far as trust goes, and one stranger's as far as patience does.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    local, _at, domain = normalise_address(open_address(commenter)).rpartition("@")
    # What is nothing but a tag or dots is left as it is.
    mailbox = local.partition("+")[0].replace(".", "") or local
    return [_digest(key, "mailbox", f"{mailbox}@{domain}")[:_DIGEST_LENGTH] for key in address_keys()]


@sensitive_variables()
def renew_seal(commenter: Commenter) -> Commenter | None:
    """Seal and digest an address under the newest key.

    Returns:
        Another row that stands for the same address under the newest key already, for the caller to merge; None where
        there is none and this row has been renewed.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    address = open_address(commenter)
    digest = _address_digests(address)[0]
    twin = Commenter.objects.filter(address_digest=digest).exclude(pk=commenter.pk).first()
    if twin is None:
        _seal_anew(commenter, address, digest if commenter.address_digest is not None else None)
    return twin


def key_name(secret: str) -> str:
    """Return a short name of a key, from which the key cannot be told. It stands in `Commenter.sealed_under`."""
    return _derive(secret, "name").hex()[:8]


@sensitive_variables()
def _sealed(address: str) -> dict[str, Any]:
    return {"sealed_address": seal_address(address), "sealed_under": key_name(address_keys()[0])}


@sensitive_variables()
def _seal_anew(commenter: Commenter, address: str, digest: str | None) -> None:
    _change(
        commenter,
        address_digest=digest,
        sealed_address=seal_address(address),
        sealed_under=key_name(address_keys()[0]),
    )


def _change(commenter: Commenter, **fields: Any) -> None:
    if not Commenter.objects.filter(pk=commenter.pk).update(**fields):
        raise Commenter.DoesNotExist
    for name, value in fields.items():
        setattr(commenter, name, value)


@sensitive_variables()
def _address_digests(address: str) -> list[str]:
    """The digests of an address under each key, newest first."""
    normal = normalise_address(address)
    return [_digest(key, "address", normal)[:_DIGEST_LENGTH] for key in address_keys()]


def _with_digest(digests: list[str]) -> Commenter | None:
    # One look, however many keys there are. The newest key's first: a rotation that was taken back leaves two rows, and
    # only one may carry a digest.
    found = _by_digests(len(digests)).all(**{f"digest{number}": digest for number, digest in enumerate(digests)})
    return min(found, key=lambda row: digests.index(str(row.address_digest)), default=None)


@lru_cache(maxsize=16)
def _by_digests(count: int) -> Select[Commenter]:
    digest = Commenter._meta.get_field("address_digest")
    places = [Given(f"digest{number}", digest) for number in range(count)]
    return Select(Commenter, lambda rows, _given: rows.filter(address_digest__in=places))


_NEW_COMMENTER = Insert(Commenter, or_ignore=True)


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
    return hmac.digest(secret, f"{purpose}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hex()
