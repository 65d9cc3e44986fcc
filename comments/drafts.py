"""What a person typed, and whether it can be taken: the shape of each field, said at the field.

`comments.posting` judges a draft here before any screen does; forms and serializers only carry it. The rules of an
address are those of every place where one can be typed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from comments import conf
from comments.errors import InvalidFields, Sentence
from comments.models import Comment, Thread
from comments.sanitize import plain_text, render
from comments.texts import clean_body, clean_name, clean_website, is_visible

_MAX_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3: a path of 256 with its angle brackets.


class TypedAddress(str):
    """An address as it was typed, on its way back into its field.

    Hidden from `repr`: where a template misses a variable, Django logs all others of its context, at DEBUG level.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<an address>"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed. Every field is hostile; `parent` is the id that the form or the program named,
    `notify` whether they want to hear of replies by mail.

    The address is in no `repr`, because the report of an error shows the variables of each frame.
    """

    body: str
    name: str = ""
    email: str = field(default="", repr=False)
    website: str = ""
    parent: int | None = None
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Clean:
    """A draft that passed the form."""

    body: str
    html: str
    name: str
    email: str = field(repr=False)
    website: str
    parent: Comment | None


@sensitive_variables()
def check(thread: Thread, draft: Draft, *, is_staff: bool) -> Clean:
    """Check the shape of a draft, all fields at once, and render its body."""
    faults: dict[str, list[Sentence]] = {}
    body = clean_body(draft.body)
    html = ""
    if wrong := body_faults(body):
        faults["body"] = wrong
    else:
        html = render(body)
        if not is_visible(plain_text(html)):
            faults["body"] = [nothing_to_read()]
    name = clean_name(draft.name)
    if not is_visible(name):
        faults["name"] = [_("Please give a name. It does not have to be your real one.")]
    elif len(name) > conf.MAX_NAME_LENGTH:
        said = ngettext(
            "Please choose a name of at most %(limit)d character.",
            "Please choose a name of at most %(limit)d characters.",
            conf.MAX_NAME_LENGTH,
        )
        faults["name"] = [said % {"limit": conf.MAX_NAME_LENGTH}]
    elif "@" in name and not address_faults(name):
        # A slip of the hand, or of a browser that fills in fields: names are published.
        faults["name"] = [_("This is an email address, and names are published. Please choose another name.")]
    email = draft.email.strip()
    if wrong := address_faults(email, is_staff=is_staff):
        faults["email"] = wrong
    website = ""
    try:
        website = clean_website(draft.website)
    except ValueError:
        faults["website"] = [_("Please give the full address of a website, such as https://example.org, or nothing.")]
    if len(website) > 300:
        faults["website"] = [_("This address is too long. Please give a shorter one, or nothing.")]
    parent = None
    if draft.parent is not None:
        parent = Comment.objects.public().filter(thread=thread, pk=draft.parent).first()
        if parent is None:
            faults["parent"] = [
                _("The comment that you answer is not here any more. You can post yours as a comment of its own.")
            ]
    if faults:
        raise InvalidFields(faults)
    return Clean(body, html, name, email, website, parent)


def body_faults(body: str) -> list[Sentence]:
    if not body:
        return [_("Please write a comment.")]
    if not is_visible(body):
        return [nothing_to_read()]
    if len(body) > conf.MAX_LENGTH:
        over = len(body) - conf.MAX_LENGTH
        return [
            ngettext(
                "Please shorten your comment by %(over)d character.",
                "Please shorten your comment by %(over)d characters.",
                over,
            )
            % {"over": over}
        ]
    return []


def nothing_to_read() -> str:
    return _("There is nothing to read in this comment. Please write something that others can see.")


@sensitive_variables()
def address_faults(email: str, *, is_staff: bool = False) -> list[Sentence]:
    """Say what is wrong with an address; staff, whom the site knows, need none."""
    if not email:
        return [] if is_staff else [_("Please give your email address. It will not be published.")]
    fault = _("Please check your email address: it should look like name@example.org.")
    # Django's validator lets a domain hold any character beyond ASCII, lone surrogates and direction marks included.
    if len(email) > _MAX_ADDRESS or any(unicodedata.category(char)[0] in "CZ" for char in email):
        return [fault]
    local, at, domain = email.rpartition("@")
    try:
        # As mail will write it. Here and not only there: some characters become others on this way, "/" among them.
        domain = domain.encode("idna").decode("ascii")
        if len(local) + len(at) + len(domain) > _MAX_ADDRESS:
            return [fault]
        # Django's validator knows ASCII names only; an international one (RFC 6531) may hold any letter or digit, and
        # the marks without which many scripts cannot write one.
        validate_email("".join("a" if not char.isascii() and _is_word(char) else char for char in local) + at + domain)
    except (ValidationError, UnicodeError):
        return [fault]
    return []


def _is_word(char: str) -> bool:
    """Whether a character is a letter, a digit or a mark on one."""
    return unicodedata.category(char)[0] in "LMN"
