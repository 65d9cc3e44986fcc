"""The verbs of the author: post, edit, withdraw.

The reader's page and the API are thin doors to these. Each is one transaction; mail and tagging happen elsewhere,
after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from comments import (
    alerting,
    appeals,
    conf,
    drafts,
    erasing,
    mailing,
    moderation,
    privacy,
    sampling,
    signals,
    subscribing,
    tallies,
)
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, ModerationEvent, Reader, RejectionReason, Status, Submission, Thread
from comments.models.comment import markup_of
from comments.prepared import Insert
from comments.retrying import once_more, said_if_busy
from comments.rewriting import checked, rewrite
from comments.sanitize import plain_text
from comments.screening import Facts, Outcome, Screening, holds, outside, screen
from comments.screening.facts import approved_count, facts_of_words, gather
from comments.screening.sketches import sketch_of
from comments.texts import fingerprint

if TYPE_CHECKING:
    from django.contrib.auth.models import User


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


@sensitive_variables()
def post(thread: Thread, draft: Draft, origin: Origin) -> Posted:
    """Store a comment, once, with the status that the screens give it.

    Raises:
        InvalidFields: a field is wrong, or a screen refuses at a field.
        Refusal: a screen refuses the whole (closed thread, flood), or `key` was used for another text, or the database
            is busy (503).
    """
    with said_if_busy():
        return once_more(lambda: _post(thread, draft, origin))


@sensitive_variables()
def _post(thread: Thread, draft: Draft, origin: Origin) -> Posted:
    clean = drafts.check(thread, draft, is_staff=origin.user is not None)
    text = plain_text(clean.html)
    text_digest = privacy.keyed_digest("text", fingerprint(text))
    payload_digest = ""
    if origin.key:
        payload = "\0".join([str(thread.pk), str(draft.parent), clean.body, clean.name, clean.email, clean.website])
        payload_digest = privacy.keyed_digest("payload", payload)
    # The attempt is bound to what was sent: two readers who got one page from a shared cache hold one key, and the
    # second one's words must not vanish behind the first one's.
    key = privacy.keyed_digest("attempt", origin.key, length=64) if origin.key else ""
    if key and (earlier := _earlier(key, payload_digest)):
        return _again(earlier, origin)
    words = facts_of_words(
        thread=thread,
        text=text,
        html=clean.html,
        name=clean.name,
        website=clean.website,
        is_staff=origin.user is not None,
        honeypot=origin.honeypot,
        seconds=origin.seconds,
    )
    sketch = sketch_of(text)
    # A service may take its time; a transaction that waited for it would keep every other writer waiting.
    before = outside.ask(words)
    try:
        with transaction.atomic():
            commenter = privacy.commenter_for(clean.email) if clean.email else None
            found = gather(
                words,
                thread=thread,
                commenter=commenter,
                reader=origin.reader,
                client_digest=origin.client_digest,
                text_digest=text_digest,
                sketch=sketch,
            )
            screening = screen(found, before=before)
            _raise_refusal(screening)
            reader, cookie = origin.reader, ""
            if reader is None:
                reader, cookie = new_reader()
            is_sampled = sampling.is_drawn(screening)
            comment = Comment(
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
                is_confirmed=commenter is not None and cookie == "" and commenter.pk in reader.commenter_ids,
                markup=markup_of(clean.body, clean.html),
                html=clean.html,
                status=STATUS[screening.outcome],
                reason=reason_of(screening),
                risk=screening.per_mille,
                language=words.language,
                screening=screening.stored() + ([sampling.mark()] if is_sampled else []),
                is_listed=screening.outcome is Outcome.PUBLISH,
            )
            _NEW_COMMENT.add(comment)
            if comment.status == Status.REJECTED:
                moderation.log_rejection(comment)
            if is_sampled:
                sampling.draw(comment)
            _NEW_SUBMISSION.add(
                Submission(
                    key=key or None,  # type: ignore[misc]  # as at the column
                    payload_digest=payload_digest,
                    client_digest=origin.client_digest,
                    text_digest=text_digest,
                    sketch_a=sketch[0] if sketch else None,
                    sketch_b=sketch[1] if sketch else None,
                    comment=comment,
                )
            )
            if comment.is_public:
                tallies.publish(comment)
                mailing.queue_news(comment)
            elif comment.status == Status.PENDING:
                alerting.tell_waiting(comment)
            if draft.notify:
                subscribing.follow_own(comment, reader=reader)
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
        Refusal: not one's own, or the window is closed (403); the database is busy (503).
        InvalidFields: the text is wrong.
    """
    _require_own(comment, reader)
    body, html = checked(body)
    screening = screen_again(comment, html, reader=reader)
    with said_if_busy(), transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        _require_own(current, reader)
        if current.body == body:
            return current
        seen = moderation.Seen(current.status, current.revision + 1)
        rewrite(current, body=body, html=html, screening=_kept(current, screening), risk=screening.per_mille)
        if current.is_public and screening.outcome > Outcome.PUBLISH:
            to, reason = STATUS[screening.outcome], reason_of(screening)
            moderation.move(current, to=to, actor=ModerationEvent.Actor.SCREEN, seen=seen, reason=reason)
        elif current.is_public:
            tallies.touch(current.thread_id)
    return current


def screen_again(comment: Comment, html: str, *, reader: Reader | None) -> Screening:
    """Ask the screens about other words for a comment that stands already.

    Raises:
        InvalidFields: a screen refuses at a field.
        Refusal: a screen refuses them.
    """
    facts = _facts_of_edit(comment, html, reader)
    screening = screen(facts, before=outside.ask(facts))
    _raise_refusal(screening)
    return screening


def withdraw(comment: Comment, *, reader: Reader | None) -> Comment:
    """Take back a comment of one's own: its text is gone; a tombstone stays where others have replied.

    Raises:
        Refusal: not one's own, or the window is closed (403).
    """
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        if current.status == Status.WITHDRAWN and current.is_owned_by(reader):
            return current
        _require_own(current, reader)
        erasing.take_text([current])
    return current


def new_reader() -> tuple[Reader, str]:
    """Make a Reader for a browser that has no name yet; return it with the cookie that it is to keep."""
    cookie = privacy.new_reader_cookie()
    # The colour comes from the cookie's own randomness, not from the address nor from a sequence.
    reader = Reader(cookie_digest=privacy.reader_digest(cookie), hue=ord(cookie[0]) % 12)
    _NEW_READER.add(reader)
    return reader, cookie


STATUS = {
    Outcome.PUBLISH: Status.APPROVED,
    Outcome.HOLD: Status.PENDING,
    Outcome.REJECT: Status.REJECTED,
    Outcome.SPAM: Status.SPAM,
}
"""How a comment stands for each outcome of the screens."""


def reason_of(screening: Screening) -> str:
    """The reason that the author is given where a screen rejects."""
    return RejectionReason.OTHER if screening.outcome is Outcome.REJECT else ""


_NEW_COMMENT = Insert(Comment)
_NEW_READER = Insert(Reader)
_NEW_SUBMISSION = Insert(Submission)


def _again(earlier: Comment, origin: Origin) -> Posted:
    """Answer an attempt that was stored before.

    A browser that still has no cookie never got the first answer, and with it the only proof that the comment is its
    own. Who repeats the attempt knows its name and every word of it, the address included; so it is the author, and
    the comment goes over to the cookie that is handed out now.
    """
    if origin.reader or origin.user or earlier.is_confirmed or timezone.now() > earlier.window_closes_at:
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


def _raise_refusal(screening: Screening) -> None:
    refused = screening.refusal
    if refused is None:
        return
    if refused.field:
        raise InvalidFields({refused.field: [refused.detail]}, code=refused.code)
    raise Refusal(refused.code, refused.detail, status=refused.status, retry_after=refused.retry_after)


def _require_own(comment: Comment, reader: Reader | None) -> None:
    if comment.is_editable_by(reader):
        return
    raise Refusal(
        "not_yours",
        ngettext(
            "You can change a comment for %(minutes)d minute after posting it, from the browser that posted it or one "
            "in which you have confirmed its address.",
            "You can change a comment for %(minutes)d minutes after posting it, from the browser that posted it or one "
            "in which you have confirmed its address.",
            conf.EDIT_WINDOW // 60,
        )
        % {"minutes": conf.EDIT_WINDOW // 60},
        status=403,
    )


def _facts_of_edit(comment: Comment, html: str, reader: Reader | None) -> Facts:
    where = comment.thread_id
    hold = None if comment.is_staff else holds.on(thread_id=where, reader=reader, commenter=comment.commenter)
    words = facts_of_words(
        thread=comment.thread,
        text=plain_text(html),
        html=html,
        name=comment.author_name,
        website=comment.author_website,
        is_staff=comment.is_staff,
        is_edit=True,
    )
    # A comment that is public has passed as its author's; only its new words are looked at.
    count = 1 if comment.is_public else approved_count(comment.commenter, comment.reader)
    return replace(words, hold=hold, approved_count=count)


def _kept(comment: Comment, screening: Screening) -> list[dict[str, Any]]:
    """Why an edited comment is held: what is said of the new words, or, where that is nothing, of the old ones. An
    appeal that waits goes on waiting; one that was decided on does not begin anew."""
    if not screening.verdicts:
        kept: list[dict[str, Any]] = comment.screening
        return kept
    waits = appeals.is_marked(comment)
    return [entry for entry in comment.screening if waits and entry.get("code") == appeals.CODE] + screening.stored()
