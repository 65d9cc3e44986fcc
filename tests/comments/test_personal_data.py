"""Every table that refers to a person or a comment: what of it the person gets, and what is left when they are erased.

The tables are read from the models. A model that is added has to be placed in `PLACES` before this passes: whoever
adds it says here what becomes of it, and the fixture has to have a row of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from analysis.models import TaggingRun, Vector
from comments import confirming, erasing, exporting, owning, retention, sampling, tagging
from comments.models import (
    Alert,
    Appeal,
    Block,
    Comment,
    Commenter,
    ConfirmationRequest,
    Delivery,
    Mailbox,
    ModerationEvent,
    Notice,
    Outbox,
    Reader,
    Report,
    Sample,
    Submission,
    Subscription,
    TagSuggestion,
    Viewing,
    Webhook,
)
from tests.comments.people import ADDRESS, Carlotta, settle_in, traces

pytestmark = pytest.mark.django_db

MARK = "quaysidemark"
"""Stands in each text that anybody wrote in the fixture's rows."""

GONE, WORDLESS = "no row that refers to the person is left", "the row stays, without a word about them"


@dataclass(frozen=True)
class Place:
    """What becomes of a model.

    Args:
        exported: where in the file a row of it stands; empty where it is not the person's.
        why_not: the reason for that.
        erased: `GONE` or `WORDLESS`.
    """

    exported: str = ""
    why_not: str = ""
    erased: str = GONE


PLACES = {
    "comments.Commenter": Place("addresses"),
    "comments.Mailbox": Place("addresses/0/last_confirmation_mail_at"),
    "comments.Reader": Place("browsers"),
    "comments.Comment": Place("comments", erased=WORDLESS),
    "comments.Confirmation": Place("confirmations"),
    "comments.ConfirmationRequest": Place("confirmation_requests"),
    "comments.Subscription": Place("subscriptions"),
    "comments.Outbox": Place("mails"),
    "comments.Notice": Place(why_not="which comments of others a mail told of is what the mail said"),
    "comments.Recommendation": Place("recommendations"),
    "comments.Report": Place("reports", erased=WORDLESS),
    "comments.TagSuggestion": Place("tag_suggestions"),
    "comments.Block": Place("blocks"),
    "comments.Submission": Place("comments/0/submissions"),
    "comments.TagAssignment": Place("comments/0/tags"),
    "comments.ModerationEvent": Place("comments/0/decisions", erased=WORDLESS),
    "comments.Appeal": Place("comments/0/appeals", erased=WORDLESS),
    "comments.Sample": Place(why_not="that a person looked at a machine's decision is about the machine"),
    "comments.Viewing": Place(why_not="which moderator looks at a card is about the moderator", erased=WORDLESS),
    "comments.Alert": Place(why_not="which moderator was mailed is about the moderator", erased=WORDLESS),
    "comments.Delivery": Place(why_not="which program was told a comment's number, and when", erased=WORDLESS),
    "analysis.TaggingRun": Place("comments/0/beside/analysis.taggingrun"),
    "analysis.Vector": Place("comments/0/beside/analysis.vector"),
}

TARGETS = (Commenter, Reader, Comment)


def referring() -> set[str]:
    """The models of both apps from which a path of keys of one step leads to a person or a comment, and those."""
    found = {target._meta.label for target in TARGETS} | {Mailbox._meta.label}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in {"comments", "analysis"} and any(_keys(model)):
            found.add(model._meta.label)
    # The pin of a thread is a comment that moderators chose; the thread is nobody's.
    return found - {"comments.Thread"}


def _keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TARGETS):
            yield field


@pytest.fixture
def carlotta(write, thread, mona, tags, settings) -> Carlotta:
    """A row of every model that can be about somebody, with a mark in each text."""
    settings.COMMENTS = {**settings.COMMENTS, "SITE_URL": "https://news.example.org"}
    made = settle_in(write, thread)
    first, reader, commenter = made.comments[0], made.reader, made.commenter
    request = confirming.ask(address=ADDRESS, reader=Reader.objects.create(cookie_digest="6" * 32))
    confirming.settle(request.pk)
    tagging.correct(first, tags["dredging"], applies=True, by=mona)
    event = ModerationEvent.objects.create(
        comment=first, action="decide", actor="moderator", by=mona, note=MARK, message=MARK, original=MARK
    )
    event = ModerationEvent.objects.get(pk=event.pk)
    Appeal.objects.create(comment=first, event=event, text=MARK)
    Report.objects.create(comment=first, reader=None, reason="other", note=MARK)
    Block.objects.create(commenter=commenter, reader=reader, comment=first, reason=MARK, by=mona)
    TagSuggestion.objects.create(comment=first, tag=tags["dredging"], reader=reader)
    Sample.objects.create(comment=first, machine_status="approved")
    Viewing.objects.create(comment=first, user=mona)
    news = Outbox.objects.create(commenter=commenter, kind="news")
    other = Comment.objects.exclude(commenter=commenter).first()
    Notice.objects.create(outbox=news, comment=other, subscription=Subscription.objects.get(commenter=commenter))
    alert = Outbox.objects.create(user=mona, kind="alert")
    Alert.objects.create(outbox=alert, comment=first, cause="pending", status="pending", revision=1)
    Delivery.objects.create(webhook=Webhook.objects.create(url="https://h.example/", sealed_secret=b""), comment=first)
    TaggingRun.objects.create(comment=first, revision=1, tagger="t 1", outcome="tagged")
    Vector.objects.create(comment=first, digest="d", packed=MARK.encode())
    Comment.objects.filter(pk=first.pk).update(
        screening=[{"code": "links", "detail": MARK}, sampling.mark()], markup=MARK
    )
    return made


def rows_about(carlotta: Carlotta, model: type[models.Model]) -> models.QuerySet:
    """Rows that lead to the person by themselves; those around a comment lead to it."""
    where = models.Q(pk__in=[])
    ids = {Commenter: [carlotta.commenter.pk], Reader: [carlotta.reader.pk]}
    ids[Comment] = [comment.pk for comment in carlotta.comments]
    for key in _keys(model):
        where |= models.Q(**{f"{key.name}__in": ids[key.related_model]})
    if model in ids and model is not Comment:
        where |= models.Q(pk__in=ids[model])
    if model is Notice:
        where |= models.Q(subscription__commenter=carlotta.commenter.pk)
    if model is Mailbox:
        where |= models.Q(pk__isnull=False)
    return model._base_manager.filter(where)


def test_every_model_that_refers_to_somebody_has_its_place():
    assert referring() == set(PLACES)


@pytest.mark.parametrize("label", sorted(PLACES))
def test_what_is_kept_is_in_the_file_or_has_a_reason_not_to_be(label, carlotta):
    place = PLACES[label]
    assert rows_about(carlotta, apps.get_model(label)).exists(), "the fixture has a row of it"
    assert bool(place.exported) != bool(place.why_not)
    found = json.loads(json.dumps(exporting.export(owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk)))))
    for step in place.exported.split("/") if place.exported else ():
        found = found[int(step)] if step.isdigit() else found[step]
    assert found


@pytest.mark.parametrize("keep", [True, False])
def test_after_an_erasure_nothing_leads_to_the_person(keep, carlotta, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk)), keep_comments=keep)

    people = {Commenter: [carlotta.commenter.pk], Reader: [carlotta.reader.pk]}
    for label in PLACES:
        model = apps.get_model(label)
        for key in _keys(model):
            if key.related_model in people:
                found = model._base_manager.filter(**{f"{key.name}__in": people[key.related_model]})
                assert not found.exists(), f"{label}.{key.name}"
    assert not Commenter.objects.filter(pk=carlotta.commenter.pk).exists()
    assert not Reader.objects.filter(pk=carlotta.reader.pk).exists()
    # The words of their comments may stay. What was kept with them stays with them.
    left = traces({**carlotta.secrets, "mark": MARK})
    if keep:
        left = [where for where in left if where not in {("comments_comment", "mark"), ("analysis_vector", "mark")}]
    # Nobody ends a block by being erased: of one that stands, the digest stays until it ends.
    assert left == [("comments_block", "digest of the address")]
    retention.sweep()
    Block.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    retention.sweep()
    assert not Block.objects.exists()


@pytest.mark.parametrize("label", sorted(PLACES))
def test_what_is_left_is_as_the_table_says(label, carlotta, django_capture_on_commit_callbacks):
    model = apps.get_model(label)
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk)), keep_comments=False)

    assert rows_about(carlotta, model).exists() == (PLACES[label].erased == WORDLESS)


def test_two_requests_and_submissions_are_gone_as_well(carlotta, django_capture_on_commit_callbacks):
    assert ConfirmationRequest.objects.exists()
    assert Submission.objects.filter(comment__in=carlotta.comments).exists()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(owning.of_browser(Reader.objects.get(pk=carlotta.reader.pk)), keep_comments=False)
    assert not ConfirmationRequest.objects.exists()
    assert not Submission.objects.filter(comment__in=carlotta.comments).exists()
