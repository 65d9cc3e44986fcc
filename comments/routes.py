"""The ids that stand in addresses. A module of addresses that has one imports this; the add-on's do as well."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter

MAX_ID = 2**63 - 1


class Id(IntConverter):
    """A number that can be a row's. A larger one names nothing: its address is not found, and no view sees it."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """The number.

        Raises:
            ValueError: no column holds it; Django takes that for an address that does not match.
        """
        number = super().to_python(value)
        if number > MAX_ID:
            raise ValueError
        return number


register_converter(Id, "comments_id")
