"""Who is asking: which browsers and addresses are one person's, and which are not."""

from __future__ import annotations

import pytest

from comments import commenters, confirming, owning, posting, privacy
from comments.models import Commenter, Confirmation, Reader

pytestmark = pytest.mark.django_db


def browser(name: str) -> Reader:
    return Reader.objects.create(cookie_digest=privacy.reader_digest(name))


def confirm(reader: Reader, address: str = "carl@example.org") -> Commenter:
    """As if the owner had pressed the button of the mail in this browser."""
    commenter = privacy.commenter_for(address)
    Confirmation.objects.get_or_create(commenter=commenter, reader=reader)
    Commenter.objects.filter(pk=commenter.pk).update(confirmed_at=commenter.created_at)
    reader.__dict__.pop("commenter_ids", None)
    return commenter


def test_a_browser_is_a_person_with_what_it_posted(write, carls_browser):
    comment = write(reader=carls_browser)
    write(name="Rita", email="rita@example.org")

    person = owning.of_browser(carls_browser)

    assert person == owning.Person(frozenset({carls_browser.pk}), frozenset(), asking=carls_browser.pk)
    assert list(owning.comments_of(person)) == [comment]


def test_an_address_confirmed_in_two_browsers_makes_them_one_person(write, carls_browser):
    phone = browser("phone")
    commenter = confirm(carls_browser)
    confirm(phone)
    both = {write(reader=carls_browser).pk, write(reader=phone).pk}

    for reader in (carls_browser, phone):
        person = owning.of_browser(reader)
        assert (person.readers, person.commenters) == ({carls_browser.pk, phone.pk}, {commenter.pk})
        assert {comment.pk for comment in owning.comments_of(person)} == both


def test_no_browser_is_nobody():
    assert not owning.of_browser(None)
    assert not owning.comments_of(owning.NOBODY).exists()


def test_an_address_that_is_only_typed_gives_nothing_away(write, carls_browser):
    theirs = write(reader=carls_browser)
    sams = browser("sam")
    write(reader=sams)  # under the same address

    assert theirs not in owning.comments_of(owning.of_browser(sams))


def test_a_browser_in_a_library_belongs_to_none_of_its_users_alone(write, carls_browser):
    library = browser("library")
    confirm(carls_browser)
    confirm(library)
    confirm(library, "rita@example.org")
    ritas = write(reader=library, name="Rita", email="rita@example.org")

    person = owning.of_browser(carls_browser)

    assert library.pk not in person.readers
    assert ritas not in owning.comments_of(person)


def test_who_presses_the_button_of_a_strangers_mail_hands_over_nothing(write, carls_browser):
    sams = browser("sam")
    confirm(sams, "sam@example.org")
    carls = write(reader=carls_browser)
    confirm(carls_browser, "sam@example.org")  # Carl was talked into it

    person = owning.of_browser(sams)

    assert person.readers == {sams.pk}
    assert carls not in owning.comments_of(person)


def test_an_operator_finds_a_person_by_any_typing_of_the_address(write, carls_browser):
    write(reader=carls_browser, email="Carl@Example.ORG")

    person = owning.of_address("  carl@example.org ")

    assert person.commenters == {Commenter.objects.get().pk}
    assert person.asking is None


def test_a_browser_that_posted_under_one_address_alone_is_its_owners_to_an_operator(write, carls_browser):
    write(reader=carls_browser)
    assert owning.of_address("carl@example.org").readers == {carls_browser.pk}

    write(reader=carls_browser, email="rita@example.org")
    assert owning.of_address("carl@example.org").readers == frozenset()


def test_an_unknown_address_is_nobody_and_makes_no_row(write):
    write()

    assert not owning.of_address("nobody@example.org")
    assert Commenter.objects.count() == 1


def test_an_address_that_nobody_has_matched_yet_is_found(carls_browser, settings):
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}
    request = confirming.ask(address="Carl@example.org", reader=carls_browser)

    assert owning.of_address("carl@example.org").commenters == {request.commenter_id}


def test_an_address_is_found_under_an_older_key(write, settings):
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ["old"]}
    write()
    settings.COMMENTS = {**settings.COMMENTS, "ADDRESS_KEYS": ["new", "old"]}

    assert owning.of_address("carl@example.org").commenters == {Commenter.objects.get().pk}
    assert commenters.sealed_under_older_keys().count() == 1


def test_a_new_reader_of_posting_is_the_browser_that_asks():
    reader, _cookie = posting.new_reader()
    assert owning.of_browser(reader).asking == reader.pk
