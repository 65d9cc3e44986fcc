"""Writes the alerts of staff: what waits or was reported just now, with links to decide from, and what others decided;
a digest of counts; and that the screening drifts.

`comments.mailing` calls it as a mail goes. What readers wrote stands in the body, never in a header; no address of a
reader stands anywhere. Who may not moderate any more, or has no address, gets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import letters, links, queues, reasons
from comments.letters import Letter
from comments.models import Alert, AlertChoice, AlertPace, Comment, ModerationEvent, Outbox, Pace, Report, Status

MOST = 20
"""Comments that one mail shows; of the others it gives the number."""

_EXCERPT = 1500
_EXCERPT_OF_DECIDED = 300


@dataclass(frozen=True, slots=True)
class _Item:
    """One comment of a mail, with the links that decide on it."""

    name: str
    website: str
    title: str
    lines: tuple[str, ...]
    reports: int
    approve_url: str
    reject_url: str
    spam_url: str
    desk_url: str


@dataclass(frozen=True, slots=True)
class _Decided:
    """One decision of somebody else."""

    name: str
    title: str
    lines: tuple[str, ...]
    who: str
    became: str
    reason: str
    desk_url: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One queue of a digest."""

    label: str
    count: str
    age: str
    url: str


def write(mail: Outbox) -> Letter | None:
    """Write an alert; None where nothing is left to say: all was decided on, or its reader is no moderator any more."""
    # `moderation` tells of what it does by way of `mailing`, so it is not there yet when this module is read.
    from comments import moderation

    if mail.user is None or not moderation.may_moderate(mail.user):
        return None
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        if mail.kind == Outbox.Kind.DRIFT:
            return _drift(mail)
        return _digest(mail) if mail.pace != Pace.AT_ONCE else _at_once(mail)


def _at_once(mail: Outbox) -> Letter | None:
    rows = list(mail.alerts.select_related("comment__thread", "decision__by", "decision__undone_by").order_by("pk"))
    # One that waits and is reported is one comment to decide on.
    standing = {alert.comment_id: alert for alert in rows if is_standing(alert)}
    decided = [alert for alert in rows if _is_decided(alert)]
    if not standing and not decided:
        return None
    items = [_item(alert) for alert in list(standing.values())[:MOST]]
    done = [_decided(alert) for alert in decided[:MOST]]
    said = []
    if standing:
        waiting = ngettext("%(count)d comment for a moderator", "%(count)d comments for a moderator", len(standing))
        said.append(waiting % {"count": len(standing)})
    if decided:
        said.append(ngettext("%(count)d decision", "%(count)d decisions", len(decided)) % {"count": len(decided)})
    context = {
        "items": items,
        "more": len(standing) - len(items),
        "decided": done,
        "more_decided": len(decided) - len(done),
        "log_url": links.absolute(reverse("comments:log")),
        **_links(),
    }
    return letters.compose(mail, _subject(", ".join(said)), "alert", context, {})


def _drift(mail: Outbox) -> Letter | None:
    notice = getattr(mail, "drift", None)
    if notice is None:
        return None
    context = {
        "agreed": notice.agreed,
        "number": notice.number,
        "percent": round(100 * notice.agreed / max(1, notice.number)),
        "promised": round(100 * notice.promised),
        "url": links.absolute(notice.path or reverse("comments:moderation")),
        **_links(),
    }
    return letters.compose(mail, _subject(_("the screening drifts")), "drift", context, {})


def _is_decided(alert: Alert) -> bool:
    """Whether a decision that an alert tells of still is the last word: what was taken back at once is no news."""
    event = alert.decision
    if event is None or getattr(event, "undone_by", None) is not None:
        return False
    return (alert.comment.status, alert.comment.revision) == (alert.status, alert.revision)


def _decided(alert: Alert) -> _Decided:
    comment, event = alert.comment, alert.decision
    assert event is not None
    return _Decided(
        name=comment.author_name or _("Anonymous"),
        title=str(comment.thread),
        lines=tuple(Truncator(comment.text).chars(_EXCERPT_OF_DECIDED).splitlines()),
        who=event.by.get_username() if event.by else _("somebody"),
        became=event.get_to_status_display(),
        reason=reasons.worded(event.reason, reasons.sentences()) if event.reason else "",
        desk_url=links.absolute(reverse("comments:desk-comment", args=[comment.pk])),
    )


def is_standing(alert: Alert) -> bool:
    """Whether a comment is still as it was when it gave reason for an alert, and nobody has decided on it."""
    comment = alert.comment
    if alert.cause == Alert.Cause.DECIDED or (comment.status, comment.revision) != (alert.status, alert.revision):
        return False
    return comment.status == Status.PENDING or comment.report_count > 0


def _item(alert: Alert) -> _Item:
    comment = alert.comment
    return _Item(
        name=comment.author_name or _("Anonymous"),
        website=comment.author_website,
        title=str(comment.thread),
        lines=tuple(Truncator(comment.text).chars(_EXCERPT).splitlines()),
        reports=comment.report_count,
        approve_url=links.of_decision(alert, Status.APPROVED),
        reject_url=links.of_decision(alert, Status.REJECTED),
        spam_url=links.of_decision(alert, Status.SPAM),
        desk_url=links.absolute(reverse("comments:desk-comment", args=[comment.pk])),
    )


def _digest(mail: Outbox) -> Letter | None:
    choice = getattr(mail.user, "comments_alerts", None)
    if choice is None:
        return None
    lines = []
    if choice.pending == AlertPace.DIGEST and (count := queues.bounded_count(Comment.objects.pending())):
        oldest = Comment.objects.pending().order_by("pk").values_list("created_at", flat=True).first()
        lines.append(_line(_("Waiting"), count, oldest, "pending"))
    reported = Comment.objects.in_queue("reported")
    if choice.reported == AlertPace.DIGEST and (count := queues.bounded_count(reported)):
        open_reports = Report.objects.filter(comment__report_count__gt=0, resolved_at__isnull=True)
        lines.append(_line(_("Reported"), count, open_reports.aggregate(at=Min("created_at"))["at"], "reported"))
    if choice.decided == AlertPace.DIGEST and choice.digest_since and (count := _count_decided(mail, choice)):
        lines.append(_Line(_("Decided by others"), _shown(count), "", links.absolute(reverse("comments:log"))))
    if not lines:
        return None
    subject = ", ".join(f"{line.label}: {line.count}" for line in lines)
    return letters.compose(mail, _subject(subject), "digest", {"lines": lines, **_links()}, {})


def _line(label: str, count: int, since: datetime | None, queue: str) -> _Line:
    url = links.absolute(f"{reverse('comments:moderation')}?queue={queue}")
    return _Line(label, _shown(count), timesince(since, timezone.now()) if since else "", url)


def _count_decided(mail: Outbox, choice: AlertChoice) -> int:
    """How many decisions of others were taken in the time of this digest, and stand."""
    rows = ModerationEvent.objects.filter(
        action=ModerationEvent.Action.STATUS,
        actor=ModerationEvent.Actor.MODERATOR,
        at__gt=choice.digest_since,
        at__lte=choice.digest_at,
        undone_by__isnull=True,
    )
    return rows.exclude(by=mail.user_id).order_by().values("pk")[: queues.LIMIT + 1].count()


def _shown(count: int) -> str:
    return f"{queues.LIMIT}+" if count > queues.LIMIT else str(count)


def _subject(words: str) -> str:
    return _("%(site)s: %(words)s") % {"site": links.site_name(), "words": words}


def _links() -> dict[str, str]:
    return {
        "desk_url": links.absolute(reverse("comments:moderation")),
        "manage_url": links.absolute(reverse("comments:alerts")),
    }
