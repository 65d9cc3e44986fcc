"""The screens: each alone as a pure function, then the pipeline as posting asks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from comments import conf, posting
from comments.conf import DEFAULT_SCREENS
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Reader, Submission, Thread
from comments.posting import Origin
from comments.screening import REASONS, Facts, Outcome, Verdict, screen, screens


@pytest.fixture(autouse=True)
def _shipped_screens(settings):
    """The screens of the plugin; a site may add some that look into the database."""
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": DEFAULT_SCREENS}


FINE = Facts(text="The bay silts up.", name="Carl")


def facts(**changes) -> Facts:
    return replace(FINE, **changes)


def test_a_plain_comment_passes_every_screen():
    assert screen(FINE).outcome is Outcome.PUBLISH
    assert screen(FINE).verdicts == ()
    assert screen(FINE).refusal is None


SCREENS = [
    # screen, what it looks at, what it answers (None: no objection), the rule
    (screens.closed_thread, {"is_open": False}, "closed", "A closed discussion takes nothing more."),
    (screens.closed_thread, {"is_open": False, "is_edit": True}, None, "Its authors may still correct themselves."),
    (screens.flood, {"client_count": 9}, None, "Nine comments in a minute are lively."),
    (screens.flood, {"client_count": 10}, "flood", "From the tenth on they wait."),
    (screens.flood, {"client_count": 60}, "flood", "From the sixtieth on they are refused."),
    (screens.flood, {"client_count": 60, "is_staff": True}, None, "Staff may write as fast as they like."),
    (screens.honeypot, {"honeypot": "https://spam.example"}, "honeypot", "What people do not see, programs fill in."),
    (screens.honeypot, {"honeypot": ""}, None, "People leave it empty."),
    (screens.time_stamp, {"seconds": None}, None, "The API has no form."),
    (screens.time_stamp, {"seconds": 0.4}, "too_fast", "Nobody types that fast."),
    (screens.time_stamp, {"seconds": 2.0}, None, "Two seconds will do."),
    (screens.time_stamp, {"seconds": 86_400}, None, "A day is not too long."),
    (screens.time_stamp, {"seconds": 86_401}, "form_expired", "A longer time is."),
    (screens.time_stamp, {"seconds": -1}, "form_expired", "A form from the future is not ours."),
    (screens.time_stamp, {"seconds": float("inf")}, "form_expired", "Neither is one without a stamp."),
    (screens.repeated_text, {"same_reader_repeats": 1}, "repeated", "One says a thing once."),
    (screens.repeated_text, {"other_repeats": 1, "text": "buy my cheap watches"}, "repeated", "So do campaigns."),
    (screens.repeated_text, {"other_repeats": 5, "text": "I agree completely."}, None, "Three words anybody says."),
    (screens.repeated_text, {"same_reader_repeats": 1, "is_edit": True}, None, "An edit repeats nothing."),
    (screens.repeated_text, {"same_reader_repeats": 1, "is_staff": True}, None, "Staff may repeat themselves."),
    (screens.staff_name, {"name": "Editor"}, "reserved_name", "Nobody but staff is called that."),
    (screens.staff_name, {"name": "Editor", "is_staff": True}, None, "Staff are."),
    (screens.staff_name, {"name": ""}, None, "A text from a file may have no name."),
    (screens.links, {"links": ("a", "b")}, None, "Two links are an argument."),
    (screens.links, {"links": ("a", "b", "c")}, "links", "Three wait."),
    (screens.links, {"links": ("a", "b", "c"), "is_staff": True}, None, "Staff may link."),
    (screens.newcomer, {"mode": "publish"}, None, "Publishing at once asks nobody."),
    (screens.newcomer, {"mode": "hold_all"}, "hold_all", "Holding everything holds everything."),
    (screens.newcomer, {"mode": "hold_all", "approved_count": 9}, "hold_all", "From known readers as well."),
    (screens.newcomer, {"mode": "hold_all", "is_staff": True}, None, "Staff need no moderator."),
    (screens.newcomer, {"mode": "hold_newcomers"}, "newcomer", "A first comment waits."),
    (screens.newcomer, {"mode": "hold_newcomers", "approved_count": 1}, None, "The second does not."),
]


@pytest.mark.parametrize(("ask", "given", "code", "rule"), SCREENS, ids=[row[3] for row in SCREENS])
def test_each_screen_alone(ask, given, code, rule):
    verdict = ask(facts(**given))
    assert (verdict.code if verdict else None) == code, rule


REFUSALS = [
    (screens.closed_thread, {"is_open": False}, 403, None, ""),
    (screens.flood, {"client_count": 60}, 429, 60, ""),
    (screens.time_stamp, {"seconds": 10**9}, 422, None, ""),
    (screens.repeated_text, {"same_reader_repeats": 1}, 422, None, "body"),
    (screens.staff_name, {"name": "Moderator"}, 422, None, "name"),
]


@pytest.mark.parametrize(("ask", "given", "status", "retry_after", "field"), REFUSALS)
def test_a_refusal_says_what_to_do(ask, given, status, retry_after, field):
    verdict = ask(facts(**given))
    assert verdict is not None
    assert verdict.outcome is Outcome.REFUSE
    assert (verdict.status, verdict.retry_after, verdict.field) == (status, retry_after, field)
    assert len(str(verdict.detail)) > 20


NAMES_OF_STAFF = [
    "admin",
    "ADMIN",
    "Аdmіn",
    "a d m i n",
    "Admin\u200b",
    "Adm1n",
    "AdmlN",
    "@dmin",
    "The Admin",
    "Site-Admin",
    "Carl_Moderator",
    "Carl (editor)",
    "Модератор",
    "редакція",
    "Admin!",
    "m\u00f3derator",
]


@pytest.mark.parametrize("name", NAMES_OF_STAFF)
def test_a_name_that_imitates_a_role_is_refused(name):
    assert screens.staff_name(facts(name=name)) is not None


@pytest.mark.parametrize("name", ["Adnan", "Badminton fan", "Edith", "Stafford", "Carl", "Модест", "Мирослав"])
def test_a_name_that_only_resembles_one_is_not(name):
    assert screens.staff_name(facts(name=name)) is None


@pytest.mark.parametrize(
    "text",
    ["casino", "Casino!", "my CASINO is open", "cas\u200bino", "ca\u00adsino", "ｃａｓｉｎｏ", "cheap pills"],
)
def test_a_blocked_word_is_found_as_it_looks(text, settings):
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("casino", "cheap pills")}
    verdict = screens.blocked_words(facts(text=text))
    assert verdict is not None
    assert (verdict.outcome, verdict.code) == (Outcome.HOLD, "blocked_word")
    assert str(verdict.detail).lower() in {"casino", "cheap pills"}


def test_a_blocked_word_is_a_word_and_no_part_of_one(settings):
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("ass", "C++ (really)")}
    assert screens.blocked_words(facts(text="The passage to the bay, a classic.")) is None
    assert screens.blocked_words(facts(text="I write C++ (really) well.")) is not None


@pytest.mark.parametrize(
    "where", [{"name": "Casino"}, {"website": "https://casino.example"}, {"links": ("https://a.example/casino",)}]
)
def test_blocked_words_are_looked_for_in_name_website_and_links(where, settings):
    settings.COMMENTS = {**settings.COMMENTS, "BLOCKED_WORDS": ("casino",)}
    assert screens.blocked_words(facts(**where)) is not None
    assert screens.blocked_words(facts(**where, is_staff=True)) is None


def test_the_strongest_outcome_wins_and_all_reasons_are_kept(settings):
    found = screen(facts(honeypot="x", links=("a", "b", "c"), mode="hold_all"))
    assert found.outcome is Outcome.SPAM
    assert [row["code"] for row in found.stored()] == ["honeypot", "links", "prior", "hold_all"]
    assert all(isinstance(row["detail"], str) for row in found.stored())


def test_a_refusal_ends_the_round():
    found = screen(facts(is_open=False, honeypot="x"))
    assert [verdict.code for verdict in found.verdicts] == ["closed"]
    assert found.refusal is not None


def test_a_host_chooses_the_screens_and_their_order(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": (f"{__name__}.no_shouting",)}
    assert screen(facts(text="I SHOUT", honeypot="ignored")).verdicts[0].code == "shouting"
    assert screen(facts(text="I whisper", honeypot="ignored")).outcome is Outcome.PUBLISH


def no_shouting(asked: Facts) -> Verdict | None:
    return Verdict(Outcome.HOLD, "shouting") if asked.text.isupper() else None


def test_every_shipped_reason_has_a_sentence_for_the_desk():
    shown = {code for _, _, code, _ in SCREENS if code} - {"closed", "form_expired", "reserved_name"}
    assert shown | {"blocked_word"} <= REASONS.keys()


# --- As posting asks them --------------------------------------------------------------------------------------------


@pytest.fixture
def say(thread):
    """Post through the verb with what a face found out."""

    def post(
        body="The bay silts up slowly.", *, name="Carl", email="carl@example.org", where=None, **origin
    ) -> Comment:
        return posting.post(where or thread, Draft(body, name, email), Origin(**origin)).comment

    return post


@pytest.mark.django_db
class TestAsPosted:
    def test_a_closed_thread_refuses(self, say, thread):
        thread.mode = "closed"
        with pytest.raises(Refusal) as refused:
            say()
        assert (refused.value.code, refused.value.status) == ("closed", 403)
        assert not Comment.objects.exists()

    def test_a_thread_closes_after_its_days(self, say, thread):
        thread.close_after_days = 14
        thread.created_at = timezone.now() - timedelta(days=13, hours=23)
        assert say().status == "approved"
        thread.created_at = timezone.now() - timedelta(days=14)
        with pytest.raises(Refusal):
            say("Too late.")

    def test_the_sites_rule_closes_threads_that_have_none(self, say, thread, settings):
        settings.COMMENTS = {**settings.COMMENTS, "CLOSE_AFTER_DAYS": 1}
        thread.created_at = timezone.now() - timedelta(days=2)
        with pytest.raises(Refusal):
            say()
        thread.close_after_days = 30
        assert say().status == "approved"

    def test_a_filled_honeypot_is_spam_and_its_sender_learns_nothing(self, say, thread):
        comment = say(honeypot="https://spam.example\x00")
        thread.refresh_from_db()
        assert (comment.status, thread.comment_count) == ("spam", 0)
        assert comment.screening == [{"code": "honeypot", "detail": ""}]

    def test_a_form_that_comes_back_at_once_waits(self, say):
        comment = say(seconds=0.5)
        assert (comment.status, comment.screening) == ("pending", [{"code": "too_fast", "detail": "0.5 s"}])

    def test_an_expired_form_is_refused_and_nothing_is_stored(self, say):
        with pytest.raises(Refusal) as refused:
            say(seconds=float("inf"))
        assert (refused.value.code, refused.value.status) == ("form_expired", 422)
        assert not Comment.objects.exists()
        assert not Reader.objects.exists()

    def test_the_flood_of_one_client_waits_and_then_is_refused(self, say, settings):
        settings.COMMENTS = {**settings.COMMENTS, "FLOOD_HOLD": 2, "FLOOD_REFUSE": 3}
        statuses = [say(f"Number {number}.", client_digest="01").status for number in range(3)]
        assert statuses == ["approved", "approved", "pending"]
        with pytest.raises(Refusal) as refused:
            say("Number 4.", client_digest="01")
        assert (refused.value.code, refused.value.status, refused.value.retry_after) == ("flood", 429, 60)
        assert say("Somebody else.", client_digest="02").status == "approved"

    def test_a_flood_ebbs(self, say, settings):
        settings.COMMENTS = {**settings.COMMENTS, "FLOOD_HOLD": 1}
        say("Number 1.", client_digest="01")
        Submission.objects.update(created_at=timezone.now() - timedelta(seconds=61))
        assert say("Number 2.", client_digest="01").status == "approved"

    def test_clients_whose_address_is_unknown_are_not_one_client(self, say, settings):
        settings.COMMENTS = {**settings.COMMENTS, "FLOOD_HOLD": 1}
        assert {say(f"Number {number}.").status for number in range(3)} == {"approved"}

    def test_the_same_words_from_the_same_browser_are_refused_at_the_body(self, say, carls_browser):
        say("I agree.", reader=carls_browser)
        with pytest.raises(InvalidFields) as refused:
            say("i AGREE!", reader=carls_browser)
        assert (list(refused.value.fields), refused.value.code) == (["body"], "repeated")
        assert Comment.objects.count() == 1

    def test_the_same_words_in_another_thread_wait(self, say, carls_browser):
        say("The same four words.", reader=carls_browser)
        elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
        assert say("The same four words.", reader=carls_browser, where=elsewhere).status == "pending"

    def test_the_same_words_from_another_browser_wait_unless_they_are_few(self, say):
        say("Buy my cheap watches now.")
        assert say("Buy my cheap watches now!").screening[0]["code"] == "repeated"
        say("I agree.")
        assert say("I agree.").status == "approved"

    def test_many_links_wait(self, say):
        comment = say("[a](https://a.example) https://b.example <https://c.example>")
        assert (comment.status, comment.screening[0]) == ("pending", {"code": "links", "detail": "3"})

    @pytest.mark.parametrize("name", ["Моdеrаtоr", "m o d e r a t o r", "Mod\u200berator"])
    def test_a_role_cannot_be_put_on(self, name, say):
        with pytest.raises(InvalidFields) as refused:
            say(name=name)
        assert (list(refused.value.fields), refused.value.code) == (["name"], "reserved_name")

    @pytest.mark.parametrize("name", ["mona", "Mona", "Моnа", "M o n a", "Mona Lind", "M0na L1nd"])
    def test_the_name_of_a_member_of_staff_cannot_be_put_on(self, name, say, mona):
        User.objects.filter(pk=mona.pk).update(first_name="Mona", last_name="Lind")
        with pytest.raises(InvalidFields) as refused:
            say(name=name)
        assert list(refused.value.fields) == ["name"]

    def test_a_name_of_an_account_without_a_role_is_free(self, say):
        User.objects.create_user("carl")
        assert say(name="Carl").status == "approved"

    def test_everything_waits_where_everything_is_held(self, say, thread):
        thread.mode = "hold_all"
        assert say().screening == [{"code": "hold_all", "detail": ""}]

    def test_a_newcomer_waits_until_one_comment_was_approved(self, say, thread, carls_browser):
        thread.mode = "hold_newcomers"
        first = say("One.", reader=carls_browser)
        assert (first.status, first.screening[0]["code"]) == ("pending", "newcomer")
        assert say("Two.", reader=carls_browser).status == "pending"
        Comment.objects.filter(pk=first.pk).update(status="approved")
        assert say("Three.", reader=carls_browser).status == "approved"

    def test_a_known_address_from_an_unknown_browser_is_a_newcomer(self, say, thread, carls_browser):
        """Anybody can type somebody else's address; trust belongs to the browser."""
        thread.mode = "hold_newcomers"
        first = say("One.", reader=carls_browser)
        Comment.objects.filter(pk=first.pk).update(status="approved")
        assert say("Two.").status == "pending"
        assert say("Three.", reader=Reader.objects.create(cookie_digest="sam")).status == "pending"

    def test_a_known_browser_with_another_address_is_a_newcomer(self, say, thread, carls_browser):
        thread.mode = "hold_newcomers"
        first = say("One.", reader=carls_browser)
        Comment.objects.filter(pk=first.pk).update(status="approved")
        assert say("Two.", reader=carls_browser, email="other@example.org").status == "pending"

    def test_a_comment_that_was_taken_down_earns_no_trust(self, say, thread, carls_browser):
        thread.mode = "hold_newcomers"
        first = say("One.", reader=carls_browser)
        Comment.objects.filter(pk=first.pk).update(status="rejected")
        assert say("Two.", reader=carls_browser).status == "pending"

    def test_the_screens_are_those_of_the_settings(self, say, settings):
        settings.COMMENTS = {**settings.COMMENTS, "SCREENS": ()}
        assert say(honeypot="x", name="Admin").status == "approved"
        assert conf.SCREENS == ()
