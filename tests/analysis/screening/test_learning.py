"""What moderators decide teaches the screen; what it may not learn, and who may choose otherwise."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from analysis import receivers, tasks
from analysis.models import ScreenChange, ScreenModel, ScreenPolicy
from analysis.screening import drift, learning, screen, training
from analysis.screening.decisions import decisions
from analysis.screening.features import is_count
from comments import alerting, erasing, posting, privacy, undoing
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, DriftNotice, ModerationEvent, Sample, Status
from comments.moderation import Seen, decide
from comments.sanitize import render

from .conftest import made

pytest.importorskip("sklearn")
pytestmark = pytest.mark.django_db

_TO = {"ham": Status.APPROVED, "spam": Status.SPAM, "reject": Status.REJECTED}


@pytest.fixture
def teach(thread, mona):
    """Store comments with the decision of a moderator on each."""

    def teach(examples, *, prefix="a"):
        comments = []
        for at, one in enumerate(examples):
            commenter = privacy.commenter_for(f"{prefix}{at}@example.org")
            comments.append(
                Comment(
                    thread=thread,
                    commenter=commenter,
                    html=render(one.text),
                    author_name=one.name,
                    author_website=one.website,
                    status=_TO[one.label],
                )
            )
        Comment.objects.bulk_create(comments)
        ModerationEvent.objects.bulk_create(
            ModerationEvent(
                comment=comment,
                from_status="pending",
                to_status=comment.status,
                actor="moderator",
                by=mona,
                revision=1,
            )
            for comment in comments
        )
        return comments

    return teach


def doubtful():
    """Good comments that read like spam, so that thresholds have something to weigh."""
    return [
        training.Example("ham", one.text, f"doubt {at}", one.name, one.website)
        for at, one in enumerate(made(40, seed=3))
        if one.label == "spam"
    ]


def learn():
    return learning.learn(is_apart=False)


def test_decisions_become_a_screen_that_decides(teach):
    teach(made(120))
    assert learning.is_due()
    assert learn() == 1
    live = ScreenModel.objects.get()
    assert live.is_live
    assert live.after["spam_f1"] > live.before["spam_f1"]
    assert live.examples == 120
    assert screen.live_model() is not None
    change = ScreenChange.objects.get()
    assert (change.from_version, change.to_version, change.is_chosen) == (None, 1, False)
    assert not learning.is_due(), "the same decisions teach nothing more"
    assert learn() is None


def test_it_is_silent_before_there_are_enough(teach):
    teach(made(80))
    assert learn() is None
    assert screen.live_model() is None
    assert ScreenModel.objects.count() == 0


def test_it_needs_both_kinds(teach):
    teach([one for one in made(300) if one.label == "ham"])
    assert learn() is None


def test_a_site_may_forbid_it(teach, settings):
    teach(made(120))
    settings.ANALYSIS = {**settings.ANALYSIS, "SCREEN_RETRAIN": 0}
    assert not learning.is_due()


def test_where_the_library_is_missing_nothing_is_due(teach, monkeypatch):
    teach(made(120))
    monkeypatch.setattr(training, "is_possible", lambda: False)
    assert not learning.is_due()
    assert tasks.learn_screen() is None


def test_what_is_learned_is_a_function_of_the_decisions(teach):
    teach(made(120))
    learn()
    first = ScreenModel.objects.get().state
    ScreenModel.objects.all().delete()
    ScreenPolicy.objects.update(seen_event=0)
    learn()
    assert ScreenModel.objects.get().state == first


def test_more_decisions_make_a_version_that_is_judged_on_the_same_ones(teach):
    teach(made(120))
    learn()
    teach(made(120, seed=9), prefix="b")
    assert learn() == 2
    newer = ScreenModel.objects.get(version=2)
    assert newer.before["number"] == newer.after["number"] == 240
    assert newer.is_live == (newer.after["log_loss"] < newer.before["log_loss"])
    assert ScreenModel.objects.filter(is_live=True).count() == 1


def test_a_version_that_is_no_better_waits(teach, monkeypatch):
    teach(made(120))
    perfect = learning.figures_of([], learning.prior.thresholds())
    monkeypatch.setattr(learning, "_before", lambda *_: perfect)  # a log loss of zero
    learn()
    assert not ScreenModel.objects.get().is_live
    assert screen.live_model() is None


# --- which decisions count -------------------------------------------------------------------------------------------


def labels():
    return [one.example.label for one in decisions()]


def test_the_latest_word_of_a_person_counts(write, mona):
    comment = write(status="spam")
    decide(comment, to="approved", by=mona, seen=Seen("spam", 1))
    assert labels() == ["ham"]


def test_an_undone_decision_teaches_nothing(write, mona):
    comment = write(status="pending")
    event = decide(comment, to="spam", by=mona, seen=Seen("pending", 1)).event
    assert labels() == ["spam"]
    undoing.undo(event, by=mona)
    assert labels() == []


def test_what_the_machine_decided_teaches_nothing(write):
    write()
    write(status="pending")
    assert labels() == []


def test_a_decision_on_another_text_teaches_nothing(write, mona, carls_browser):
    comment = write(reader=carls_browser)
    decide(comment, to="spam", by=mona, seen=Seen("approved", 1))
    Comment.objects.update(status="approved")
    posting.edit(Comment.objects.get(), body="Quite other words.", reader=carls_browser)
    assert labels() == []


def test_staff_and_erased_texts_teach_nothing(write, mona):
    decide(write(user=mona), to="rejected", by=mona, seen=Seen("approved", 1), reason="other")
    gone = write(status="spam")
    erasing.blank([gone])
    assert labels() == []


def test_how_it_was_sent_is_learned_with_it(write, mona):
    comment = write(status="pending")
    Comment.objects.update(screening=[{"code": "too_fast", "detail": "0.1 s"}])
    decide(comment, to="spam", by=mona, seen=Seen("pending", 1))
    assert decisions()[0].example.behaviour == ("too_fast",)


def test_the_number_of_queries_does_not_grow(teach, django_assert_num_queries):
    teach(made(40))
    with django_assert_num_queries(2):
        decisions()


# --- erasing ---------------------------------------------------------------------------------------------------------


def words_of(version):
    return {one for one in ScreenModel.objects.get(version=version).state["features"] if not is_count(one)}


def test_the_words_of_one_person_are_in_no_version(teach):
    mine = [training.Example("spam", "my secret zanzibarium", "x") for _ in range(2)]
    teach([*made(120), *mine])
    learn()
    assert not [one for one in words_of(1) if "zanzi" in one]


def test_erased_words_leave_every_version(teach):
    theirs = teach([training.Example("spam", "the secret zanzibarium", "x") for _ in range(3)], prefix="z")
    teach(made(120))
    learn()
    assert "zanzibarium" in words_of(1)
    before = screen.live_model()
    assert learning.has_learned_from(theirs[0])
    erasing.blank(theirs[:1])
    assert learning.forget_words() > 0
    assert not [one for one in words_of(1) if "zanzi" in one]
    assert "sofas" in words_of(1)
    screen.forget()
    after = screen.live_model()
    assert after is not before
    assert "zanzibarium" not in after.spam.weights
    assert learning.forget_words() == 0


def test_thresholds_that_are_set_while_words_are_forgotten_stay(teach, ed, monkeypatch):
    theirs = teach([training.Example("spam", "the secret zanzibarium", "x") for _ in range(3)], prefix="z")
    teach([*made(120), *doubtful()], prefix="d")
    learn()
    erasing.blank(theirs[:1])
    set_meanwhile = []

    def slow():
        learning.set_errors(spam_error=0.001, hold_error=0.001, by=ed)
        state = ScreenModel.objects.get(version=1).state
        set_meanwhile.append((state["spam_from"], state["hold_from"]))
        return decisions()

    before = ScreenModel.objects.get(version=1).state
    monkeypatch.setattr(learning, "decisions", slow)
    assert learning.forget_words() > 0
    after = ScreenModel.objects.get(version=1).state
    assert "zanzibarium" not in after["features"]
    assert set_meanwhile == [(after["spam_from"], after["hold_from"])]
    assert set_meanwhile != [(before["spam_from"], before["hold_from"])], "the test moved something"


def test_erasing_has_the_words_forgotten(teach, monkeypatch):
    taught = teach(made(120))
    queued = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, argument, **_: queued.append((task.name, argument)))
    receivers.forget(taught[0])
    assert ("analysis.tasks.forget_words", taught[0].pk) not in queued, "nothing was learned from it"
    learn()
    receivers.forget(taught[0])
    receivers.forget(taught[1])
    assert queued.count(("analysis.tasks.forget_words", taught[0].pk)) == 1


# --- choosing --------------------------------------------------------------------------------------------------------


def test_going_back_holds_until_the_figures_may_decide_again(teach, ed):
    teach(made(120))
    learn()
    learning.go_back(None, by=ed)
    screen.forget()
    assert screen.live_model() is None
    teach(made(60, seed=4), prefix="b")
    assert learn() == 2
    assert not ScreenModel.objects.filter(is_live=True).exists(), "a person chose the rules alone"
    learning.go_back(1, by=ed)
    assert ScreenModel.objects.get(is_live=True).version == 1
    assert ScreenChange.objects.first().by == ed
    learning.let_figures_decide()
    assert not ScreenPolicy.objects.get().is_held


def test_a_version_that_is_gone_cannot_be_chosen(ed):
    for version in (7, 0, -1, 2**40):
        with pytest.raises(Refusal) as refused:
            learning.go_back(version, by=ed)
        assert refused.value.status == 404


def test_old_versions_go(teach, monkeypatch):
    monkeypatch.setattr(learning, "KEPT_VERSIONS", 2)
    teach(made(120))
    for _ in range(4):
        ScreenPolicy.objects.update(seen_event=0)
        learn()
    kept = ScreenModel.objects.filter(is_live=False).count()
    assert kept <= 2
    assert ScreenModel.objects.filter(is_live=True).exists()


def test_smaller_errors_mark_less(teach, ed):
    teach([*made(160, rejects=True), *doubtful()])
    learn()
    learning.set_errors(spam_error=0.2, hold_error=0.4, by=ed)
    loose = ScreenModel.objects.get(is_live=True).state
    learning.set_errors(spam_error=0.001, hold_error=0.001, by=ed)
    strict = ScreenModel.objects.get(is_live=True).state
    assert strict["spam_from"] >= loose["spam_from"]
    assert strict["hold_from"] > loose["hold_from"]
    screen.forget()
    assert screen.live_model().hold_from == strict["hold_from"]


@pytest.mark.parametrize("error", [0.0, -1.0, 0.6, float("nan")])
def test_errors_out_of_range_are_refused(ed, error):
    with pytest.raises(InvalidFields):
        learning.set_errors(spam_error=error, hold_error=0.05, by=ed)
    assert not ScreenChange.objects.exists()


# --- drift -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def settled(teach):
    """A version in use that promised 95 %, and a sample with so many agreements."""

    def settle(agreed, number):
        comments = teach(made(120))
        learn()
        live = ScreenModel.objects.get()
        ScreenModel.objects.update(is_live=True, after={**live.after, "agreement": 0.95})
        now = timezone.now()
        Sample.objects.bulk_create(
            Sample(
                comment=comment,
                machine_status="approved",
                risk=10,
                drawn_at=now,
                settled_at=now,
                is_agreed=at < agreed,
            )
            for at, comment in enumerate(comments[:number])
        )

    return settle


def test_drift_raises_an_alert_once(settled, caplog, mail_site, mona):
    mona.email = "mona@newsroom.example"
    mona.save()
    alerting.choose(mona, pending="never", reported="never", drift="at_once", digest_hours=24)
    settled(80, 100)
    with caplog.at_level(logging.WARNING):
        assert learning.watch()
        assert learning.watch()
    said = [record.getMessage() for record in caplog.records if "drifts" in record.getMessage()]
    assert said == ["The learned screen drifts: people agreed with 80 of its last 100 decisions; 95 % were promised."]
    assert ScreenPolicy.objects.get().drift_at is not None
    notice = DriftNotice.objects.get()
    assert (notice.outbox.user, notice.agreed, notice.number, notice.promised) == (mona, 80, 100, 0.95)
    assert notice.path == "/desk/screening/"
    Sample.objects.update(is_agreed=True)
    assert not learning.watch()
    assert ScreenPolicy.objects.get().drift_at is None


@pytest.mark.parametrize(("agreed", "number", "is_drift"), [(95, 100, False), (92, 100, False), (88, 100, True),
                                                            (0, 20, False), (20, 30, True)])  # fmt: skip
def test_chance_alone_is_no_drift(agreed, number, is_drift):
    assert drift.Agreement(number, agreed, 0.95).is_drift is is_drift


def test_the_prior_promised_nothing():
    assert not drift.Agreement(100, 10, None).is_drift
    assert drift.look() == drift.Agreement(0, 0, None)


def test_the_binomial_tail_is_exact():
    assert drift.lower_tail(0, 2, 0.5) == pytest.approx(0.25)
    assert drift.lower_tail(1, 2, 0.5) == pytest.approx(0.75)
    assert drift.lower_tail(2, 2, 1.0) == pytest.approx(1.0)


def test_the_log_names_no_words(teach, caplog):
    teach(made(120))
    with caplog.at_level(logging.DEBUG):
        learn()
    assert "sofas" not in caplog.text


def test_the_clock_learns_where_it_is_due(teach, monkeypatch):
    assert tasks.learn_screen() is None
    teach(made(120))
    monkeypatch.setattr(training, "train_apart", training.train)
    assert tasks.learn_screen() == 1
    assert User.objects.filter(username="mona").exists()
