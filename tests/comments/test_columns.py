"""Columns that take less room: in Python nobody sees the difference."""

from __future__ import annotations

import pytest
from django.core import serializers
from django.db import connection

from comments.models import Submission, TagAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignment(write, tags):
    return TagAssignment.objects.create(
        comment=write(), tag=tags["jobs"], source="machine", verdict="yes", confidence=0.5, evidence=[(4, 19), [30, 41]]
    )


def test_places_in_a_text_come_back_as_pairs(assignment):
    assert TagAssignment.objects.get().evidence == [[4, 19], [30, 41]]
    assert list(TagAssignment.objects.values_list("evidence", flat=True)) == [[[4, 19], [30, 41]]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence FROM comments_tagassignment")
        assert cursor.fetchall() == [("4-19 30-41",)]


def test_no_place_is_an_empty_list(assignment):
    assignment.evidence = []
    assignment.save()
    assert TagAssignment.objects.get().evidence == []


def test_fixtures_carry_both(assignment, write):
    write(key="an attempt", client_digest="0c" * 16)
    rows = [assignment, *Submission.objects.all()]
    packed = serializers.serialize("json", rows)
    for row in rows:
        row.delete()
    for kept in serializers.deserialize("json", packed):
        kept.save()
    assert TagAssignment.objects.get().evidence == [[4, 19], [30, 41]]
    assert {row.client_digest for row in Submission.objects.all()} == {"", "0c" * 16}


def test_what_is_no_digest_is_not_stored(write):
    with pytest.raises(ValueError, match="hexadecimal"):
        Submission.objects.create(
            key="no digest", payload_digest="", client_digest="", text_digest="ff", comment=write()
        )
