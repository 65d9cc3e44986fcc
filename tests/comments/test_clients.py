"""Who a request comes from: the browser's cookie, the client's address behind proxies, the member of staff."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpResponse
from django.test import RequestFactory

from comments import clients, conf, posting
from comments.errors import Refusal
from comments.models import Reader


@pytest.fixture
def ask():
    """A request with this cookie and these headers."""

    def make(cookie: str | None = None, *, address="192.0.2.1", user=None, is_secure=False, **headers):
        request = RequestFactory().get("/", secure=is_secure, REMOTE_ADDR=address, headers=headers)
        if cookie is not None:
            request.COOKIES[clients.READER_COOKIE] = cookie
        request.user = user or AnonymousUser()
        return request

    return make


@pytest.mark.django_db
class TestReaders:
    def test_a_browser_is_known_again_by_its_cookie(self, ask, django_assert_num_queries):
        reader, cookie = posting.new_reader()
        request = ask(cookie)
        with django_assert_num_queries(1):
            assert clients.reader_of(request) == reader
            assert clients.reader_of(request) == reader
            assert clients.reader_for(request) == (reader, "")

    @pytest.mark.parametrize("cookie", [None, "", "short", "x" * 65, "ю" * 32, "\x00" * 32])
    def test_a_cookie_that_we_did_not_make_names_nobody(self, cookie, ask, django_assert_num_queries):
        with django_assert_num_queries(1 if cookie == "\x00" * 32 else 0):
            assert clients.reader_of(ask(cookie)) is None

    def test_a_forged_cookie_names_nobody(self, ask):
        assert clients.reader_of(ask("a" * 32)) is None

    def test_the_stored_digest_is_no_cookie(self, ask):
        reader, cookie = posting.new_reader()
        assert cookie not in reader.cookie_digest
        assert clients.reader_of(ask(reader.cookie_digest)) is None

    def test_a_new_browser_gets_a_cookie_that_scripts_cannot_read(self, ask):
        request = ask(is_secure=True)
        reader, cookie = clients.reader_for(request)
        response = HttpResponse()
        clients.remember(response, request, cookie)
        handed = response.cookies[clients.READER_COOKIE]
        assert handed["httponly"]
        assert handed["secure"]
        assert handed["samesite"] == "Lax"
        assert clients.reader_of(ask(handed.value)) == reader

    def test_a_known_browser_gets_none(self, ask):
        response = HttpResponse()
        clients.remember(response, ask(), "")
        assert not response.cookies

    def test_who_throws_the_cookie_away_is_not_new_without_end(self, ask):
        for _ in range(conf.NEW_READERS):
            clients.reader_for(ask())
        with pytest.raises(Refusal) as refused:
            clients.reader_for(ask())
        assert (refused.value.status, refused.value.code, refused.value.retry_after) == (429, "flood", 60)
        assert Reader.objects.count() == conf.NEW_READERS
        clients.reader_for(ask(address="192.0.2.2"))

    def test_clients_whose_address_is_unknown_are_not_one_client(self, ask):
        """Behind a socket, without trusted proxies, nobody has an address; one reader must not lock all others out."""
        for _ in range(conf.NEW_READERS + 5):
            clients.reader_for(ask(address=""))


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address", "rule"),
    [
        (0, "192.0.2.1", None, "192.0.2.1", "The address that connects is the client's."),
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1", "Without a proxy of ours the header is made up."),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9", "Our proxy says who connected to it."),
        (
            1,
            "10.0.0.1",
            "198.51.100.1, 203.0.113.9",
            "203.0.113.9",
            "What stands further left was typed by it.",
        ),
        (2, "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9", "Two proxies, two entries."),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1", "A chain that is too short did not pass all our proxies."),
        (1, "10.0.0.1", "", "10.0.0.1", "An empty header says nothing."),
        (1, "10.0.0.1", None, "10.0.0.1", "Neither does none."),
        (1, "10.0.0.1", "nonsense", "", "What is no address is nobody's."),
        (1, "10.0.0.1", "203.0.113.9, <script>", "", "Whatever it is."),
        (0, "", None, "", "A socket has none."),
        (0, "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::", "One household has a /64 and walks through its addresses."),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1", "IPv4 in the clothes of IPv6 is the same client."),
        (0, "fe80::1%eth0", None, "fe80::", "A zone names an interface of ours."),
    ],
)
def test_the_address_of_a_client(proxies, remote, forwarded, address, rule, ask, settings):
    settings.COMMENTS = {**settings.COMMENTS, "TRUSTED_PROXIES": proxies}
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert clients.client_address(ask(address=remote, **headers)) == address, rule


def test_only_a_digest_leaves(ask):
    digest = clients.client_digest(ask(address="192.0.2.1"))
    assert len(digest) == 32
    assert "192" not in digest or digest.isalnum()
    assert digest == clients.client_digest(ask(address="192.0.2.1"))
    assert digest != clients.client_digest(ask(address="192.0.2.2"))
    assert clients.client_digest(ask(address="")) == ""


@pytest.mark.django_db
def test_members_of_staff_are_those_with_a_role(ask, mona, ed):
    assert clients.staff_user(ask(user=mona)) == mona
    assert clients.staff_user(ask(user=ed)) == ed
    assert clients.staff_user(ask()) is None
    assert clients.staff_user(ask(user=User.objects.create_user("sam"))) is None
