"""What the add-on keeps of a comment goes when its text goes: erased by its author, or because its time was over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analysis.models import TaggingRun, Vector
from comments import conf, erasing, owning, retention, tagging
from comments.models import Comment, ModerationEvent, TagAssignment
from comments.tagging import MachineTag

pytestmark = pytest.mark.django_db


@pytest.fixture
def tagged(write, carls_browser, tags) -> Comment:
    """A comment with all that the add-on keeps of one."""
    comment = write("The port may dredge the channel.", reader=carls_browser)
    said = [MachineTag("dredging", 0.9, is_sure=True, evidence=((13, 19),))]
    tagging.assign_by_machine(comment, revision=1, tags=said)
    TaggingRun.objects.create(comment=comment, revision=1, tagger="t 1", outcome="tagged")
    Vector.objects.create(comment=comment, digest="d", packed=b"v")
    return comment


def test_it_goes_with_a_person(tagged, carls_browser, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(owning.of_browser(carls_browser), keep_comments=False)

    assert not TaggingRun.objects.exists()
    assert not Vector.objects.exists()
    assert not TagAssignment.objects.exists()


def test_it_stays_where_the_comment_stays(tagged, carls_browser, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(owning.of_browser(carls_browser), keep_comments=True)

    assert TaggingRun.objects.count() == Vector.objects.count() == TagAssignment.objects.count() == 1


def test_it_goes_when_the_time_of_spam_is_over(tagged, django_capture_on_commit_callbacks):
    old = timezone.now() - timedelta(days=conf.REJECTED_DAYS + 1)
    Comment.objects.update(status="spam", created_at=old)
    ModerationEvent.objects.update(at=old)

    with django_capture_on_commit_callbacks(execute=True):
        retention.sweep()

    assert not TaggingRun.objects.exists()
    assert not Vector.objects.exists()
