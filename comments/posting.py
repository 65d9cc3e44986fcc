"""The verbs of the author: post, edit, withdraw.

The reader's page and the API are thin doors to these. Each is one transaction; mail and tagging happen elsewhere,
after it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from comments import conf, moderation, privacy, signals, tallies
from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import Comment, ModerationEvent, Reader, Status, Submission, Tag, TagAssignment, Thread
from comments.models.comment import markup_of
from comments.sanitize import link_targets, plain_text, render
from comments.screening import Facts, Outcome, Screening, screen
from comments.screening.facts import approved_count, gather
from comments.texts import clean_body, clean_name, clean_website, fingerprint, is_visible

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_MAX_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3: a path of 256 with its angle brackets.


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed. Every field is hostile; `parent` is the id that the form or the program named.

    The address is in no `repr`, because the report of an error shows the variables of each frame.
    """

    body: str
    name: str = ""
    email: str = field(default="", repr=False)
    website: str = ""
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a draft comes from, as the face found out; nothing in it is typed by a person except `honeypot`.

    Args:
        reader: the browser; one is made at need.
        user: a logged-in member of staff who posts as such.
        client_digest: keyed digest of the client's address.
        seconds: age of the form; None where there was none.
        honeypot: what stood in the field that people do not see.
        key: names the attempt, so that a repeated request posts once; empty where the client gave none.
    """

    reader: Reader | None = None
    user: User | None = None
    client_digest: str = ""
    seconds: float | None = None
    honeypot: str = ""
    key: str = field(default="", repr=False)  # a face may have made it of all that was typed


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored comment. `is_new` is False where the same attempt had stored it before. `cookie` is set where a new
    Reader was made and has to be handed to the browser."""

    comment: Comment
    is_new: bool
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class _Clean:
    """A draft that passed the form."""

    body: str
    html: str
    name: str
    email: str = field(repr=False)
    website: str
    parent: Comment | None


@sensitive_variables()
def post(thread: Thread, draft: Draft, origin: Origin) -> Posted:
    """Store a comment, once, with the status that the screens give it.

    Raises:
        InvalidFields: a field is wrong, or a screen refuses at a field.
        Refusal: a screen refuses the whole (closed thread, flood), or `key` was used for another text.
    """
    clean = _clean(thread, draft, is_staff=origin.user is not None)
    text = plain_text(clean.html)
    text_digest = privacy.keyed_digest("text", fingerprint(text))
    payload = "\0".join([str(thread.pk), str(draft.parent), clean.body, clean.name, clean.email, clean.website])
    payload_digest = privacy.keyed_digest("payload", payload)
    # The attempt is bound to what was sent: two readers who got one page from a shared cache hold one key, and the
    # second one's words must not vanish behind the first one's.
    key = privacy.keyed_digest("attempt", origin.key, length=64) if origin.key else ""
    if key and (earlier := _earlier(key, payload_digest)):
        return _again(earlier, origin)
    try:
        with transaction.atomic():
            commenter = privacy.commenter_for(clean.email) if clean.email else None
            screening = screen(
                gather(
                    thread=thread,
                    text=text,
                    html=clean.html,
                    name=clean.name,
                    website=clean.website,
                    honeypot=origin.honeypot,
                    seconds=origin.seconds,
                    commenter=commenter,
                    reader=origin.reader,
                    client_digest=origin.client_digest,
                    text_digest=text_digest,
                    is_staff=origin.user is not None,
                )
            )
            _raise_refusal(screening)
            reader, cookie = origin.reader, ""
            if reader is None:
                reader, cookie = new_reader()
            comment = Comment.objects.create(
                thread=thread,
                parent=clean.parent,
                root_id=(clean.parent.root_id or clean.parent.pk) if clean.parent else None,
                depth=min(clean.parent.depth + 1, 32_000) if clean.parent else 0,
                commenter=commenter,
                reader=reader,
                user=origin.user,
                author_name=clean.name,
                author_website=clean.website,
                hue=reader.hue,
                markup=markup_of(clean.body, clean.html),
                html=clean.html,
                status=_STATUS[screening.outcome],
                screening=screening.stored(),
                is_listed=screening.outcome is Outcome.PUBLISH,
            )
            Submission.objects.create(
                # A purpose of its own: under that of attempts, a client could name the next comment's and block it.
                key=key or privacy.keyed_digest("unnamed attempt", str(comment.pk), length=64),
                payload_digest=payload_digest,
                client_digest=origin.client_digest,
                text_digest=text_digest,
                comment=comment,
            )
            if comment.is_public:
                tallies.publish(comment)
            signals.tell(signals.comment_posted, comment=comment)
    except IntegrityError:
        # The same attempt, at the same moment, in another process: its unique key was first.
        if key and (earlier := _earlier(key, payload_digest)):
            return _again(earlier, origin)
        raise
    return Posted(comment, is_new=True, cookie=cookie)


def edit(comment: Comment, *, body: str, reader: Reader | None) -> Comment:
    """Give a comment of one's own a new text, from the browser that posted it, within the window.

    The text is screened anew; a public comment that now deserves a look waits for a moderator.

    Raises:
        Refusal: not one's own, or the window is closed (403).
        InvalidFields: the text is wrong.
    """
    _require_own(comment, reader)
    body = clean_body(body)
    faults = _body_faults(body)
    if faults:
        raise InvalidFields({"body": faults})
    html = render(body)
    if not is_visible(plain_text(html)):
        raise InvalidFields({"body": [_nothing_to_read()]})
    screening = screen(_facts_of_edit(comment, html))
    _raise_refusal(screening)
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        _require_own(current, reader)
        if current.body == body:
            return current
        seen = moderation.Seen(current.status, current.revision + 1)
        Comment.objects.filter(pk=current.pk).update(
            markup=markup_of(body, html),
            html=html,
            revision=current.revision + 1,
            edited_at=timezone.now(),
            screening=screening.stored() or current.screening,
        )
        # What the machine said was about the old words, and its evidence points into them.
        TagAssignment.objects.filter(comment=current, source=TagAssignment.Source.MACHINE).delete()
        current.refresh_from_db()
        tallies.retag(current, _persons_mask(current))
        if current.is_public and screening.outcome > Outcome.PUBLISH:
            to = Status.SPAM if screening.outcome is Outcome.SPAM else Status.PENDING
            moderation.move(current, to=to, actor=ModerationEvent.Actor.SCREEN, seen=seen)
        elif current.is_public:
            tallies.touch(current.thread_id)
        signals.tell(signals.comment_edited, comment=current)
    return current


def withdraw(comment: Comment, *, reader: Reader | None) -> Comment:
    """Take back a comment of one's own: its text is gone; a tombstone stays where others have replied.

    Raises:
        Refusal: not one's own, or the window is closed (403).
    """
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        if current.status == Status.WITHDRAWN and reader is not None and current.reader_id == reader.pk:
            return current
        _require_own(current, reader)
        moderation.move(
            current,
            to=Status.WITHDRAWN,
            actor=ModerationEvent.Actor.AUTHOR,
            seen=moderation.Seen(current.status, current.revision),
        )
        TagAssignment.objects.filter(comment=current).delete()
        Comment.objects.filter(pk=current.pk).update(
            markup="", html="", author_name="", author_website="", screening=[], tag_mask=0
        )
        current.refresh_from_db()
    return current


def new_reader() -> tuple[Reader, str]:
    """Make a Reader for a browser that has no name yet; return it with the cookie that it is to keep."""
    cookie = privacy.new_reader_cookie()
    # The colour comes from the cookie's own randomness, not from the address nor from a sequence.
    return Reader.objects.create(cookie_digest=privacy.reader_digest(cookie), hue=ord(cookie[0]) % 12), cookie


def forget_submissions() -> int:
    """Delete the records of submissions that have served their time; return how many."""
    old = timezone.now() - timedelta(days=conf.SUBMISSION_DAYS)
    return Submission.objects.filter(created_at__lt=old).delete()[0]


_STATUS = {Outcome.PUBLISH: Status.APPROVED, Outcome.HOLD: Status.PENDING, Outcome.SPAM: Status.SPAM}


def _again(earlier: Comment, origin: Origin) -> Posted:
    """Answer an attempt that was stored before.

    A browser that still has no cookie never got the first answer, and with it the only proof that the comment is its
    own. Who repeats the attempt knows its name and every word of it, the address included; so it is the author, and
    the comment goes over to the cookie that is handed out now.
    """
    if origin.reader is not None or origin.user is not None or timezone.now() > earlier.window_closes_at:
        return Posted(earlier, is_new=False)
    earlier.reader, cookie = new_reader()
    earlier.save(update_fields=["reader"])
    return Posted(earlier, is_new=False, cookie=cookie)


def _earlier(key: str, payload_digest: str) -> Comment | None:
    """Return what this attempt has stored already.

    Raises:
        Refusal: the key stands for another text (422).
    """
    found = Submission.objects.filter(key=key).select_related("comment__thread").first()
    if found is None:
        return None
    if found.payload_digest != payload_digest:
        raise Refusal(
            "key_reused",
            _("This request was sent before with another text. Use a new key for a new comment."),
            status=422,
        )
    return found.comment


def _clean(thread: Thread, draft: Draft, *, is_staff: bool) -> _Clean:
    """Check the shape of a draft, all fields at once, and render its body."""
    faults: dict[str, list[Sentence]] = {}
    body = clean_body(draft.body)
    html = ""
    if body_faults := _body_faults(body):
        faults["body"] = body_faults
    else:
        html = render(body)
        if not is_visible(plain_text(html)):
            faults["body"] = [_nothing_to_read()]
    name = clean_name(draft.name)
    if not is_visible(name):
        faults["name"] = [_("Please give a name. It does not have to be your real one.")]
    elif len(name) > conf.MAX_NAME_LENGTH:
        faults["name"] = [_("Please choose a name of at most %(limit)d characters.") % {"limit": conf.MAX_NAME_LENGTH}]
    email = draft.email.strip()
    if address_faults := _address_faults(email, is_staff=is_staff):
        faults["email"] = address_faults
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
    return _Clean(body, html, name, email, website, parent)


def _body_faults(body: str) -> list[Sentence]:
    if not body:
        return [_("Please write a comment.")]
    if not is_visible(body):
        return [_nothing_to_read()]
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


def _nothing_to_read() -> str:
    return _("There is nothing to read in this comment. Please write something that others can see.")


@sensitive_variables()
def _address_faults(email: str, *, is_staff: bool) -> list[Sentence]:
    """Say what is wrong with an address; staff, whom the site knows, need none."""
    if not email:
        return [] if is_staff else [_("Please give your email address. It will not be published.")]
    fault = _("Please check your email address: it should look like name@example.org.")
    # Django's validator lets a domain hold any character beyond ASCII, lone surrogates and direction marks included.
    if len(email) > _MAX_ADDRESS or any(unicodedata.category(char)[0] in "CZ" for char in email):
        return [fault]
    local, at, domain = email.rpartition("@")
    try:
        # Django's validator knows ASCII names only; an international one (RFC 6531) may hold any letter or digit, and
        # the marks without which many scripts cannot write one.
        validate_email("".join("a" if not char.isascii() and _is_word(char) else char for char in local) + at + domain)
    except ValidationError:
        return [fault]
    return []


def _is_word(char: str) -> bool:
    """Whether a character is a letter, a digit or a mark on one."""
    return unicodedata.category(char)[0] in "LMN"


def _raise_refusal(screening: Screening) -> None:
    refused = screening.refusal
    if refused is None:
        return
    if refused.field:
        raise InvalidFields({refused.field: [refused.detail]}, code=refused.code)
    raise Refusal(refused.code, refused.detail, status=refused.status, retry_after=refused.retry_after)


def _require_own(comment: Comment, reader: Reader | None) -> None:
    if comment.is_editable_by(reader.pk if reader else None):
        return
    raise Refusal(
        "not_yours",
        _("You can change a comment for %(minutes)d minutes after posting it, from the browser that posted it.")
        % {"minutes": conf.EDIT_WINDOW // 60},
        status=403,
    )


def _facts_of_edit(comment: Comment, html: str) -> Facts:
    return Facts(
        text=plain_text(html),
        links=tuple(link_targets(html)),
        name=comment.author_name,
        website=comment.author_website,
        mode=comment.thread.mode,
        is_open=True,
        is_staff=comment.is_staff,
        is_edit=True,
        # A comment that is public has passed as its author's; only its new words are looked at.
        approved_count=1 if comment.is_public else approved_count(comment.commenter, comment.reader),
    )


def _persons_mask(comment: Comment) -> int:
    bits = Tag.objects.filter(
        assignments__comment=comment,
        assignments__source=TagAssignment.Source.PERSON,
        assignments__verdict=TagAssignment.Verdict.YES,
    ).values_list("bit", flat=True)
    return sum(1 << bit for bit in bits)
