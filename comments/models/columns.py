"""Columns that take less room than Django's own for what they hold: digests as bytes, places in a text as a line.

There are millions of rows of either. Models of both apps may use them; in Python nobody sees the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Digest = models.Field[str, str]
    _Spans = models.Field[list[list[int]], list[list[int]]]
else:
    _Digest, _Spans = models.BinaryField, models.TextField


class DigestField(_Digest):
    """A digest: hexadecimal in Python, half as many bytes in the database. Empty where there is none."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Bytes of the database as hexadecimal."""
        return None if value is None else bytes(value).hex()

    def to_python(self, value: Any) -> Any:
        """As it is: `BinaryField` would take a string for base64."""
        return value

    def value_to_string(self, obj: models.Model) -> str:
        """As it is, for fixtures."""
        return str(self.value_from_object(obj) or "")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Hexadecimal as bytes for the database.

        Raises:
            ValueError: it is not hexadecimal.
        """
        if isinstance(value, str):
            value = bytes.fromhex(value)
        return super().get_db_prep_value(value, connection, prepared)


class SpansField(_Spans):
    """Places in a text: a list of `[start, end]` in Python, `4-19 30-41` in the database."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[list[int]] | None:
        """The line of the database as pairs."""
        if value is None:
            return None
        return [[int(place) for place in pair.split("-")] for pair in value.split()]

    def to_python(self, value: Any) -> Any:
        """As it is; a string is what a fixture holds."""
        return self.from_db_value(value, None, None) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        """Pairs as a line."""
        if value is None or isinstance(value, str):
            return value
        return " ".join(f"{int(start)}-{int(end)}" for start, end in value)

    def value_to_string(self, obj: models.Model) -> str:
        """As a line, for fixtures."""
        return str(self.get_prep_value(self.value_from_object(obj)) or "")
