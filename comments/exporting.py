"""Everything that is stored about one person, as plain data that any program can read.

The page of "my data" and `manage.py export_reader` hand it out. What belongs to others is left out, and so is the
address itself: it never leaves its sealed table except to send mail. The data say so in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from comments import conf, links, mailboxes, owning
from comments.models import (
    Appeal,
    Block,
    Comment,
    Commenter,
    ModerationEvent,
    Reader,
    Report,
    Submission,
    Subscription,
    TagAssignment,
    TagSuggestion,
)
from comments.owning import Person

FORMAT = 1
"""Grows when a field is removed or means something else; new fields leave it."""

_SLICE = 500
"""Comments whose rows around them are read at a time."""


def export(person: Person) -> dict[str, Any]:
    """Return all that is stored about a person: plain JSON, times as RFC 3339 in UTC.

    The status is the true one: spam, which its author's pages show as waiting, is called spam here.
    """
    return {
        "format": FORMAT,
        "exported_at": _time(timezone.now()),
        "site": links.site_name(),
        "notes": _notes(),
        "addresses": [_address(row) for row in owning.addresses_of(person).order_by("pk")],
        "browsers": [_browser(row) for row in Reader.objects.filter(pk__in=person.readers).order_by("pk")],
        "comments": _comments(person),
        "recommendations": [
            {"comment": pk} for pk in owning.recommendations_of(person).order_by("pk").values_list("comment", flat=True)
        ],
        "tag_suggestions": [
            {"comment": row.comment_id, "tag": row.tag.slug, "at": _time(row.created_at)}
            for row in TagSuggestion.objects.filter(reader__in=person.readers).select_related("tag").order_by("pk")
        ],
        "blocks": [_block(row) for row in owning.blocks_of(person).order_by("pk")],
        "reports": [_report(row) for row in owning.reports_of(person).order_by("pk")],
        "subscriptions": [
            _subscription(row) for row in owning.subscriptions_of(person).select_related("tag").order_by("pk")
        ],
        "mails": [
            {
                "kind": mail.kind,
                "pace": mail.pace,
                "state": mail.state,
                "created_at": _time(mail.created_at),
                "sent_at": _time(mail.sent_at),
            }
            for mail in owning.mails_of(person).order_by("pk")
        ],
        "confirmations": [{"at": _time(row.at)} for row in owning.confirmations_of(person).order_by("pk")],
        # What became of a request is left out: to one who typed a stranger's address it would tell whether it is known.
        "confirmation_requests": [
            {"created_at": _time(row.created_at), "language": row.language}
            for row in owning.requests_of(person).order_by("pk")
        ],
    }


def counts(exported: dict[str, Any]) -> dict[str, int]:
    """How many entries each list of an export has."""
    return {name: len(value) for name, value in exported.items() if isinstance(value, list) and name != "notes"}


def _notes() -> list[str]:
    return [
        _(
            "Your email address is not in this file. It is kept encrypted, apart from all else, and is opened only to "
            "send you mail. An entry under “addresses” stands for each one that you have confirmed."
        ),
        _(
            "Beside the encrypted address there is a keyed digest of it, by which it is found again. Your browser is "
            "known by a digest of its cookie. For %(days)s days there are keyed digests of the network address and the "
            "text of each comment. None of them can be turned back, and none is in this file."
        )
        % {"days": conf.SUBMISSION_DAYS},
        _("Who decided on your comments, who reported them and what they noted is not in this file: it is about them."),
    ]


def _address(row: Commenter) -> dict[str, Any]:
    share = mailboxes.share_of(row)
    return {
        "address": _("kept encrypted; not exported"),
        "first_seen_at": _time(row.created_at),
        "last_seen_at": _time(row.seen_at),
        "confirmed_at": _time(row.confirmed_at),
        "confirmation_mails": share.asked_count if share else 0,
        "last_confirmation_mail_at": _time(share.asked_at) if share else None,
    }


def _browser(row: Reader) -> dict[str, Any]:
    return {"cookie": _("only a digest is kept; not exported"), "first_seen_at": _time(row.created_at), "hue": row.hue}


def _comments(person: Person) -> list[dict[str, Any]]:
    ids = list(owning.comments_of(person).order_by("pk").values_list("pk", flat=True))
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), _SLICE):
        rows = list(Comment.objects.filter(pk__in=ids[start : start + _SLICE]).select_related("thread").order_by("pk"))
        found += _described(rows)
    return found


def _described(rows: list[Comment]) -> list[dict[str, Any]]:
    keys = [row.pk for row in rows]
    tags = _by_comment(TagAssignment.objects.filter(comment__in=keys).select_related("tag").order_by("pk"))
    events = _by_comment(ModerationEvent.objects.filter(comment__in=keys).order_by("pk"))
    appeals = _by_comment(Appeal.objects.filter(comment__in=keys).order_by("pk"))
    sent = _by_comment(Submission.objects.filter(comment__in=keys).order_by("pk"))
    beside = _beside(keys)
    return [
        {
            "id": row.pk,
            "url": links.of_comment(row),
            "thread": {"id": row.thread_id, "title": row.thread.title, "url": row.thread.url},
            "in_reply_to": row.parent_id,
            "name": row.author_name,
            "website": row.author_website,
            "posted_as_staff": row.is_staff,
            "address_given": row.commenter_id is not None,
            "address_confirmed": row.is_confirmed,
            "body": row.body,
            "text": row.text,
            "html": row.html,
            "created_at": _time(row.created_at),
            "edited_at": _time(row.edited_at),
            "revision": row.revision,
            "status": row.status,
            "reason": row.reason,
            "screening": [objection.get("code", "") for objection in row.screening],
            "risk_per_mille": row.risk,
            "language": row.language,
            "hue": row.hue,
            "replies": row.reply_count,
            "recommendations": row.recommendation_count,
            "open_reports": row.report_count,
            "tags": [
                {
                    "slug": one.tag.slug,
                    "name": one.tag.label,
                    "source": one.source,
                    "verdict": one.verdict,
                    "confidence": one.confidence,
                    "evidence": one.evidence,
                    "at": _time(one.at),
                }
                for one in tags[row.pk]
            ],
            "decisions": [
                {
                    "from": one.from_status,
                    "to": one.to_status,
                    "by": one.actor,
                    "action": one.action,
                    "reason": one.reason,
                    "message": one.message,
                    "invited_to_send_again": one.is_invitation,
                    "text_before": one.original,
                    "revision": one.revision,
                    "at": _time(one.at),
                }
                for one in events[row.pk]
            ],
            "appeals": [
                {"text": one.text, "at": _time(one.created_at), "settled_at": _time(one.settled_at)}
                for one in appeals[row.pk]
            ],
            "submissions": [{"at": _time(one.created_at), "digests": _("kept; not exported")} for one in sent[row.pk]],
            "beside": {name: found[row.pk] for name, found in beside.items() if found[row.pk]},
        }
        for row in rows
    ]


def _beside(keys: list[int]) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """What other apps keep of these comments, by the name of the model, as far as their models say that it is the
    author's to have.

    A model with a key to Comment names its fields in `exported_fields`. Without it nothing of a model is handed out: it
    may hold what others noted.
    """
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for relation in Comment._meta.related_objects:
        model = relation.related_model
        fields = getattr(model, "exported_fields", ())
        if not fields:
            continue
        of_each = found.setdefault(model._meta.label_lower, defaultdict(list))
        column = relation.field.attname
        for row in model._base_manager.filter(**{f"{relation.field.name}__in": keys}).order_by("pk"):
            of_each[getattr(row, column)].append({name: _plain(getattr(row, name)) for name in fields})
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _time(value)
    return _("kept; not exported") if isinstance(value, bytes | memoryview) else value


def _by_comment(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return found


def _report(row: Report) -> dict[str, Any]:
    return {
        "comment": row.comment_id,
        "reason": row.reason,
        "note": row.note,
        "created_at": _time(row.created_at),
        "settled_at": _time(row.resolved_at),
    }


def _block(row: Block) -> dict[str, Any]:
    return {
        "thread": row.thread_id,
        "comment": row.comment_id,
        "reason": row.reason,
        "since": _time(row.created_at),
        "until": _time(row.expires_at),
        "lifted_at": _time(row.lifted_at),
    }


def _subscription(row: Subscription) -> dict[str, Any]:
    return {
        "thread": row.thread_id,
        "replies_to": row.comment_id,
        "tag": row.tag.slug if row.tag else None,
        "pace": row.pace,
        "language": row.language,
        "created_at": _time(row.created_at),
        "confirmed_at": _time(row.confirmed_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
