"""The search for an address: every form is found wherever it hides, and nothing is found where there is none."""

from __future__ import annotations

import base64
import codecs
import hashlib
import html
import json
import quopri
import zlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.canary.traces import Traces, aligned_base64, unpacked

ADDRESS = "Canary.Qvwxyz+Harbour@Mail-Qvwxyz.Example.org"
LOWER = ADDRESS.lower()
LOCAL = LOWER.partition("@")[0]
ENTITIES = "".join(f"&#{ord(char)};" for char in ADDRESS)

TRACES = Traces([ADDRESS, "пошта-qvwxyz@приклад-qvwxyz.укр"])

LEAKS = {
    "plain": ADDRESS,
    "lower case": LOWER,
    "upper case": ADDRESS.upper(),
    "local part": LOCAL,
    "without its tag": LOCAL.partition("+")[0],
    "domain": "mail-qvwxyz.example.org",
    "in a sentence": f"Written by <{ADDRESS}>.",
    "md5": hashlib.md5(LOWER.encode()).hexdigest(),
    "md5 in capitals": hashlib.md5(LOWER.encode()).hexdigest().upper(),
    "md5 as typed": hashlib.md5(ADDRESS.encode()).hexdigest(),
    "sha1": hashlib.sha1(LOWER.encode()).hexdigest(),
    "sha256": hashlib.sha256(LOWER.encode()).hexdigest(),
    "sha256, shortened": hashlib.sha256(LOWER.encode()).hexdigest()[:16],
    "sha256 of the local part": hashlib.sha256(LOCAL.encode()).hexdigest(),
    "sha256 in base64": base64.b64encode(hashlib.sha256(LOWER.encode()).digest()).decode(),
    "an avatar": f'<img src="https://avatars.example/{hashlib.md5(LOWER.encode()).hexdigest()}?s=48">',
    "base64": base64.b64encode(ADDRESS.encode()).decode(),
    "base64 in a longer text": base64.b64encode(f"x={LOWER}&y".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(b"\xff\xff" + LOWER.encode()).decode().rstrip("="),
    "hexadecimal": ADDRESS.encode().hex(),
    "rot13": codecs.encode(ADDRESS, "rot13"),
    "backwards": ADDRESS[::-1],
    "percent-encoded": quote(ADDRESS, safe=""),
    "percent-encoded twice": quote(quote(ADDRESS, safe=""), safe=""),
    "every character percent-encoded": "".join(f"%{byte:02x}" for byte in ADDRESS.encode()),
    "entities": ENTITIES,
    "hexadecimal entities": "".join(f"&#x{ord(char):x};" for char in ADDRESS),
    "escaped": html.escape(f"<{ADDRESS}>"),
    "broken by markup": ADDRESS.replace("@", "<wbr>@").replace(".", "<b>.</b>"),
    "JSON escapes": "".join(f"\\u{ord(char):04x}" for char in ADDRESS),
    "international": "пошта-qvwxyz@приклад-qvwxyz.укр",
    "international in JSON": json.dumps("ПОШТА-qvwxyz"),
    "international in a URL": quote("пошта-qvwxyz"),
    "international domain": "приклад-qvwxyz.укр".encode("idna").decode(),
}


@pytest.mark.parametrize("form", LEAKS)
def test_a_form_is_found(form):
    for around in ("{}", '<p title="x">before {} after</p>', '{{"a": "{}"}}', "a\n{}\nb"):
        assert TRACES.find(around.format(LEAKS[form]) if "{{" not in around else f'{{"a": "{LEAKS[form]}"}}')


@pytest.mark.parametrize(
    "harmless",
    [
        "",
        "Nobody here.",
        "carl@example.org",
        "Canary",
        "example.org",
        hashlib.md5(b"somebody@else.example").hexdigest(),
        base64.b64encode(b"somebody@else.example").decode(),
        "a" * 10_000,
        "f" * 64,
    ],
)
def test_nothing_is_found_where_there_is_nothing(harmless):
    assert TRACES.find(harmless) == []


def test_each_form_is_named_once():
    assert TRACES.find(f"{LOCAL} {LOCAL}") == ["local part"]
    assert set(TRACES.find(ADDRESS)) == {"address", "local part", "domain"}
    assert TRACES.find(hashlib.md5(LOWER.encode()).hexdigest()) == ["md5 of the address"]


def test_what_is_kept_for_an_address_is_found_as_well():
    traces = Traces()
    secret = bytes(range(80, 160))
    traces.add_secret(secret, "sealed address")
    traces.add_secret(b"0123456789abcdef0123456789abcdef", "keyed digest")
    assert traces.find(base64.urlsafe_b64encode(secret).decode()) == ["sealed address"]
    assert traces.find(secret.hex()) == ["sealed address"]
    assert traces.find("?commenter=0123456789abcdef0123456789abcdef") == ["keyed digest"]


def test_what_is_packed_in_a_cookie_is_read():
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps({"e": ADDRESS}).encode())).decode().rstrip("=")
    assert "address" in TRACES.find(unpacked(f"Set-Cookie: author={packed}:signature"))
    assert unpacked("short text, nothing packed") == "" or TRACES.find(unpacked("short")) == []


def test_a_mail_in_quoted_printable_names_its_local_part():
    assert "local part" in TRACES.find(quopri.encodestring(ADDRESS.encode()).decode())


@given(st.binary(min_size=12, max_size=40), st.binary(max_size=10), st.binary(max_size=10))
def test_base64_is_known_wherever_it_begins(raw, before, after):
    whole = base64.b64encode(before + raw + after).decode()
    assert any(needle in whole for needle in aligned_base64(raw))


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_searching_never_fails(text):
    TRACES.find(text)
    unpacked(text)
