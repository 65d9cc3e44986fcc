"""The page of the learned screen: who may see it, what it shows, who may choose."""

from __future__ import annotations

import pytest
from django.test import Client

from analysis.models import ScreenChange, ScreenModel, ScreenPolicy
from analysis.screening import learning, measures
from analysis.screening.features import see
from analysis.screening.measures import Judged
from analysis.screening.model import Line, Model
from analysis.screening.training import Trained
from comments.models import Sample
from comments.screening.verdict import Facts

pytestmark = pytest.mark.django_db
PAGE = "/desk/screening/"


@pytest.fixture
def version():
    """Make versions without learning: of 20 decisions, one good comment in ten looks like spam."""

    def make(*, is_live=True):
        judged = [Judged("ham", 0.9 if at == 0 else 0.02, 0.9 if at == 0 else 0.02) for at in range(10)]
        judged += [Judged("spam", 0.97, 0.97) for _ in range(10)]
        line = Line({"word": 1.0}, 0.0, 1.0, 0.0)
        chosen = measures.choose(judged, spam_error=0.01, hold_error=0.05)
        trained = Trained(Model(line, line, chosen.spam_from, chosen.hold_from), tuple(judged))
        made = learning._store(trained, before={"spam_f1": 0.5}, last_event=1, errors=(0.01, 0.05))
        if is_live:
            learning._let_decide(learning.policy(), made, by=None)
        return made

    return make


def test_an_editor_sees_what_decides_and_how_good_it_is(ed_client, version):
    version()
    html = ed_client.get(PAGE).content.decode()
    assert "version 1" in html
    assert "Of the last 20 decisions" in html
    assert "chosen" in html
    assert 'name="spam_error"' in html


def test_before_anything_was_learned_it_says_what_it_takes(ed_client):
    html = ed_client.get(PAGE).content.decode()
    assert "It takes 100 decisions" in html
    assert "the rules that come with the software" in html


def test_a_moderator_sees_it_and_changes_nothing(mona_client, version):
    version()
    html = mona_client.get(PAGE).content.decode()
    assert "1 % of good comments may be marked as spam" in html
    assert 'name="spam_error"' not in html
    assert "Go back to it" not in html
    for address, fields in (("errors/", {"spam_error": "1", "hold_error": "1"}), ("version/", {"version": "none"})):
        assert mona_client.post(PAGE + address, fields).status_code == 403
    assert ScreenModel.objects.get().is_live


def test_strangers_log_in_first(sam, django_user_model):
    assert sam.get(PAGE).status_code == 302
    nobody = Client()
    nobody.force_login(django_user_model.objects.create_user("nobody"))
    assert nobody.get(PAGE).status_code == 403


def test_an_editor_says_which_errors_are_acceptable(ed_client, ed, version):
    version()
    answer = ed_client.post(PAGE + "errors/", {"spam_error": "0,5", "hold_error": "20"})
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert ScreenPolicy.objects.values_list("spam_error", "hold_error").get() == (0.005, 0.2)
    assert ScreenChange.objects.first().by == ed
    assert "0.5" in ed_client.get(PAGE).content.decode()


@pytest.mark.parametrize("typed", ["", "0", "51", "-1", "a", "1e3", "٣", "9" * 5000, "1.2.3", "nan", "\x00"])
def test_what_is_no_share_is_refused_at_its_field(ed_client, typed):
    answer = ed_client.post(PAGE + "errors/", {"spam_error": typed, "hold_error": "5"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="spam-error-fault"' in html
    assert 'value="5"' in html
    assert not ScreenPolicy.objects.filter(spam_error__isnull=False).exists()


def test_one_click_goes_back(ed_client, version):
    version(is_live=False)
    version()
    assert ed_client.post(PAGE + "version/", {"version": "1"}).status_code == 303
    assert ScreenModel.objects.get(is_live=True).version == 1
    ed_client.post(PAGE + "version/", {"version": "none"})
    assert not ScreenModel.objects.filter(is_live=True).exists()
    assert "Let the figures decide again" in ed_client.get(PAGE).content.decode()
    ed_client.post(PAGE + "version/", {"version": "figures"})
    assert not ScreenPolicy.objects.get().is_held


@pytest.mark.parametrize(("asked", "status"), [("7", 404), ("", 404), ("9" * 30, 400), ("x", 400)])
def test_a_version_that_is_not_there_is_refused(ed_client, asked, status):
    assert ed_client.post(PAGE + "version/", {"version": asked}).status_code in {status, 422}
    assert not ScreenChange.objects.exists()


def test_drift_is_said_on_the_page(ed_client, version, write):
    version()
    ScreenModel.objects.update(after={**ScreenModel.objects.get().after, "agreement": 0.95})
    for _ in range(30):
        comment = write()
        settled = {"machine_status": "approved", "risk": 10, "settled_at": comment.created_at, "is_agreed": False}
        Sample.objects.update_or_create(comment=comment, defaults=settled)
    assert "People agree less than was promised" in ed_client.get(PAGE).content.decode()
    figures = Client().get("/metrics").content.decode()
    assert "screening_drift 1.0" in figures
    assert "screening_agreement 0.0" in figures


def test_the_number_of_queries_does_not_grow(ed_client, version, django_assert_max_num_queries):
    version()
    ed_client.get(PAGE)
    with django_assert_max_num_queries(14):
        ed_client.get(PAGE)
    for _ in range(6):
        version()
    with django_assert_max_num_queries(14):
        ed_client.get(PAGE)


def test_the_state_says_what_was_stored(version):
    made = version()
    assert Model is type(learning.from_json(made.state))
    assert learning.from_json(made.state).score(see(Facts(text="word"))).spam > 0.5
