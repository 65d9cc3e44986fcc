"""What a card says of the person behind a comment."""

from __future__ import annotations

from typing import Any

import pytest

from comments.desk.histories import histories
from comments.models import Comment, Reader
from tests.comments.people import browser, confirm

pytestmark = pytest.mark.django_db


def test_a_typed_address_does_not_pass_for_its_owner(write: Any, carls_browser: Reader) -> None:
    first = write("A word of mine.", reader=carls_browser)
    confirm(first.commenter, carls_browser)
    hers = write("Another of mine.", reader=carls_browser)
    typed = write("Buy this.", reader=browser("somewhere else"))
    assert typed.commenter == hers.commenter

    said = histories(list(Comment.objects.filter(pk__in=[hers.pk, typed.pk])))

    assert said[hers.pk].label.endswith("· address confirmed")
    assert said[typed.pk].label.endswith("· address confirmed by its owner, but only typed here")
