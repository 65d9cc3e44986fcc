"""The reasons for a rejection: a fixed list that staff edit, and sentences that stay readable."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from comments import moderation, reasons
from comments.models import Reason, RejectionReason
from comments.moderation import Seen

pytestmark = pytest.mark.django_db


def test_a_new_site_offers_the_reasons_of_the_software_in_their_order(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        offered = reasons.offered()
    assert [code for code, _ in offered] == RejectionReason.values
    assert dict(offered)["abuse"] == "It attacks a person or a group"


def test_the_words_of_the_software_are_in_the_readers_language() -> None:
    with translation.override("uk"):
        assert reasons.sentence("abuse") != "It attacks a person or a group"
        assert dict(reasons.offered())["abuse"] == reasons.sentence("abuse") == reasons.sentences()["abuse"]


def test_the_words_of_the_site_stand_in_place_of_those_of_the_software() -> None:
    Reason.objects.filter(code="abuse").update(sentence="Be kind.")
    Reason.objects.create(code="caps", sentence="DO NOT SHOUT", position=0)
    assert reasons.sentence("abuse") == reasons.sentences()["abuse"] == "Be kind."
    assert ("caps", "DO NOT SHOUT") in reasons.offered()
    assert reasons.is_offered("caps")


def test_a_retired_reason_is_not_offered_and_stays_readable(write: Any, mona: Any) -> None:
    Reason.objects.create(code="caps", sentence="DO NOT SHOUT", is_offered=False)
    assert "caps" not in dict(reasons.offered())
    assert not reasons.is_offered("caps")
    assert reasons.sentence("caps") == reasons.sentences()["caps"] == "DO NOT SHOUT"


@pytest.mark.parametrize("code", ["gone", "no_such", "a" * 400])
def test_a_code_that_nobody_knows_gets_a_neutral_sentence(code: str) -> None:
    assert reasons.sentence(code) == reasons.worded(code, reasons.sentences())
    assert reasons.sentence(code) == "It goes against the rules of the discussion"


def test_no_code_has_no_sentence(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert reasons.sentence("") == reasons.worded("", {}) == ""


def test_a_builtin_reason_whose_row_is_gone_keeps_its_words() -> None:
    Reason.objects.all().delete()
    assert reasons.offered() == []
    assert reasons.sentence("abuse") == "It attacks a person or a group"


def test_a_reason_of_the_site_rejects_and_its_sentence_is_in_the_log(
    write: Any, mona: Any, mona_client: Client
) -> None:
    Reason.objects.create(code="caps", sentence="DO NOT SHOUT", position=0)
    comment = write(status="pending")
    moderation.decide(comment, to="rejected", by=mona, seen=Seen("pending", 1), reason="caps")
    assert "DO NOT SHOUT" in mona_client.get("/desk/moderation/log/").content.decode()
