"""The shapes of what goes in and out: they check input strictly, and declare both to the OpenAPI document.

Output is not serialised by them: `comments.api.rows` writes plain dicts, many times faster, and a test holds the two
together. What is acceptable inside a well-formed field is decided by the verbs, in one place for all faces. Those of
the desk are in `comments.api.desk_shapes`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import READERS_REASONS, Status, TagAssignment, TagKind

_MAX_NUMBER = 2**63 - 1
_MAX_UNKNOWN = 10


class Text(serializers.CharField):
    """A string, as typed: DRF's own would take numbers for strings and trim what the author meant.

    NUL and lone surrogates are refused (DRF's validators).
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": True, "trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("This must be a string."))
        return str(super().to_internal_value(data))


class Number(serializers.IntegerField):
    """A whole number that a row could have; no string, no fraction, no `true`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": _MAX_NUMBER, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError(_("This must be a whole number."))
        return int(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    """`true` or `false`; not "yes", not 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("This must be true or false."))
        return data


class Choice(serializers.ChoiceField):
    """One of a closed set of words."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("This must be a string."))
        if data not in self.choices and not (data == "" and self.allow_blank):
            # DRF's own sentence repeats what was sent, at any length and with halves of characters.
            known = ", ".join(str(choice) for choice in self.choices)
            raise serializers.ValidationError(_("This must be one of: %(known)s.") % {"known": known})
        return data


class Shape(serializers.Serializer):
    """Base of all shapes. `absent` names what a field holds that was not sent."""

    absent: ClassVar[dict[str, Any]] = {}


def read(shape: type[Shape], data: Any) -> dict[str, Any]:
    """Return the fields of a body, each of the type that the shape declares.

    Raises:
        Refusal: the body is no JSON object (400).
        InvalidFields: fields are missing, unknown, or of another type.
    """
    if not isinstance(data, dict):
        raise Refusal("not_an_object", _("The body must be a JSON object."))
    fields = _fields(shape)
    data = {**shape.absent, **data}
    found: dict[str, Any] = {}
    faults: dict[str, list[Sentence]] = {}
    for name in [name for name in data if name not in fields][:_MAX_UNKNOWN]:
        # The name comes from outside: shown, but not at any length nor with halves of characters.
        shown = name[:60].encode("utf-8", "replace").decode()
        known = ", ".join(fields)
        faults[shown or "?"] = [_("There is no such field. Fields are: %(known)s.") % {"known": known}]
    for name, field in fields.items():
        try:
            found[name] = field.run_validation(data.get(name, serializers.empty))
        except serializers.SkipField:
            pass
        except serializers.ValidationError as error:
            faults[name] = [str(text) for text in error.detail]
    if faults:
        raise InvalidFields(faults)
    return found


@lru_cache(maxsize=32)
def _fields(shape: type[Shape]) -> dict[str, serializers.Field]:
    """The fields of a shape, made once: a serializer copies them for each body, which costs more than checking it."""
    return dict(shape().fields)


# --- In --------------------------------------------------------------------------------------------------------------


class NewComment(Shape):
    """A comment to be posted. Staff who are logged in may leave out `name` and `email`."""

    body = Text(help_text="Small Markdown: paragraphs, emphasis, strong, links, quotes, lists, code. No raw HTML.")
    name = Text(required=False, default="", help_text="Needed, unless staff post.")
    email = Text(required=False, default="", help_text="Needed, unless staff post. It will not be published.")
    website = Text(required=False, default="", help_text="Address of a website, or nothing.")
    parent = Number(  # type: ignore[assignment]  # DRF takes declared fields off the class
        required=False, allow_null=True, default=None, help_text="Id of the comment that this answers."
    )
    notify = Flag(
        required=False,
        default=False,
        help_text="Whether to tell the author of replies by mail, once the address has been confirmed. Without effect "
        "where the site sends no mail.",
    )

    # The verb refuses an empty body in its own words, together with all other faults.
    absent: ClassVar[dict[str, Any]] = {"body": ""}


class NewText(Shape):
    """A new text for a comment of one's own."""

    body = Text()


class NewReport(Shape):
    """A complaint about a comment."""

    reason = Choice(choices=READERS_REASONS)
    note = Text(required=False, default="", help_text="For the moderators; 500 characters at most.")


class TagWord(Shape):
    """A person's word on a tag."""

    applies = Flag()


class TagsWord(Shape):
    """A person's word on all tags of a comment."""

    none = Flag(help_text="True: no tag of the thread applies. False is refused, for it says nothing of any tag.")


# --- Out -------------------------------------------------------------------------------------------------------------


class Evidence(Shape):
    """Words of a comment that led to a tag."""

    start = serializers.IntegerField(help_text="First character, counted in characters of the comment's `text`.")
    end = serializers.IntegerField(help_text="Behind the last character.")
    text = serializers.CharField(help_text="The words themselves.")


class CommentTag(Shape):
    """A tag that applies to a comment, and why."""

    slug = serializers.CharField()
    name = serializers.CharField(help_text="What a reader sees: the tag's name, or its description where it has none.")
    kind = serializers.ChoiceField(choices=TagKind.choices)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=TagAssignment.Source.choices, help_text="Whose word counts: a person's outranks the machine's."
    )
    confidence = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="Calibrated probability by the machine; it stays where a person agreed, and is null where no machine "
        "said anything.",
    )
    evidence = Evidence(many=True, help_text="The words that led the machine to the tag.")


class Author(Shape):
    """Who wrote a comment, as far as readers may know."""

    name = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    confirmed = serializers.BooleanField(
        help_text="Whether the owner of the author's address has confirmed it where the comment was posted."
    )
    staff = serializers.BooleanField(help_text="Whether a member of staff wrote it while logged in.")


class Comment(Shape):
    """A comment. A withdrawn one, which only its author and moderators get, has neither text nor name."""

    id = serializers.IntegerField()
    thread = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    author = Author()
    html = serializers.CharField(allow_blank=True, help_text="Sanitised.")
    text = serializers.CharField(allow_blank=True, help_text="What a reader reads in `html`; evidence counts in it.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(
        choices=Status.choices, help_text="To its author, a comment that is not public yet is `pending`."
    )
    revision = serializers.IntegerField()
    recommendations = serializers.IntegerField()
    reply_count = serializers.IntegerField(help_text="Public replies to this very comment.")
    depth = serializers.IntegerField(help_text="0 for a comment that answers nobody.")
    url = serializers.URLField(help_text="Leads to the page that shows the comment.")
    tags = CommentTag(many=True)


class CommentPage(Shape):
    """A page of comments."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Comment(many=True)


class TagCount(Shape):
    """A tag of a thread, with the number of public comments that carry it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=TagKind.choices)
    count = serializers.IntegerField()


class Thread(Shape):
    """The discussion of an article."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    url = serializers.URLField(help_text="The article's page.")
    open = serializers.BooleanField(help_text="Whether it takes comments now.")
    comment_count = serializers.IntegerField()
    pinned = serializers.IntegerField(
        allow_null=True, help_text="Id of the comment that the newsroom has put above the others; null for none."
    )
    tags = TagCount(many=True)


class ReportMade(Shape):
    """A complaint as it is kept."""

    reason = serializers.ChoiceField(choices=READERS_REASONS)
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class Recommended(Shape):
    """How many readers recommend a comment, and whether the asking one does."""

    recommendations = serializers.IntegerField()
    recommended = serializers.BooleanField()


class CommentTags(Shape):
    """The tags that apply to a comment."""

    comment = serializers.IntegerField()
    tags = CommentTag(many=True)


class Refused(Shape):
    """What is wrong and what to do."""

    code = serializers.CharField(help_text="A stable word for programs.")
    detail = serializers.CharField(help_text="A sentence for people, in the language of the request.")


class Faults(Shape):
    """Faults by field: `{"email": ["Please check your email address: …"]}`."""


class _FaultsInTheSchema(OpenApiSerializerExtension):
    """Any field may be at fault, so no list of properties says it."""

    target_class = Faults

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the JSON schema."""
        return {
            "type": "object",
            "description": Faults.__doc__,
            "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "minProperties": 1,
        }
