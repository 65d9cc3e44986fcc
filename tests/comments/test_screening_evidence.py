"""Links, repetition, languages and the prior: each alone, then as posting asks them."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments import posting
from comments.conf import DEFAULT_SCREENS
from comments.drafts import Draft
from comments.languages import language_of
from comments.models import Comment, Submission, Thread, WordEntry
from comments.posting import Origin
from comments.sanitize import link_words
from comments.screening import Facts, Outcome, Verdict, entries, screen, screens
from comments.screening.prior import WEIGHTS, features, score
from comments.screening.sketches import likeness, sketch_of

LONG = "The dredger has been at work in the bay since March and the silt settles on every boat in the marina."


@pytest.fixture(autouse=True)
def _shipped_screens(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": DEFAULT_SCREENS}


LINKS = [
    ({"links": ("https://bit.ly/abc",)}, "short_link"),
    ({"website": "https://www.tinyurl.com/abc"}, "short_link"),
    ({"links": ("https://evil.example/",), "link_words": ("bank.com",)}, "disguised_link"),
    ({"links": ("https://evil.example/",), "link_words": ("https://www.bank.com/login",)}, "disguised_link"),
    ({"links": ("https://news.bank.com/a",), "link_words": ("bank.com",)}, None),
    ({"links": ("https://bank.com/a",), "link_words": ("www.bank.com/a",)}, None),
    ({"links": ("https://bank.com/a",), "link_words": ("the bank's own figures.",)}, None),
    ({"links": ("https://аpple.com/",)}, "lookalike_link"),
    ({"links": ("https://xn--pple-43d.com/",)}, "lookalike_link"),
    ({"links": ("https://bücher.example/",)}, None),
    ({"links": ("https://президент.укр/",)}, None),
    ({"links": ("https://xn--a.example/",)}, None),
    ({"name": "cheap-shoes.com"}, "link_in_name"),
    ({"name": "St. Carl"}, None),
    ({"links": ("https://bit.ly/abc",), "is_staff": True}, None),
]


@pytest.mark.parametrize(("given", "code"), LINKS)
def test_links_that_are_not_what_they_seem(given, code):
    verdicts = screens.link_tricks(replace(Facts(text="Look.", name="Carl"), **given))
    assert [verdict.code for verdict in verdicts] == ([code] if code else [])
    assert all(verdict.found and verdict.where and verdict.outcome is Outcome.HOLD for verdict in verdicts)


def test_the_words_of_links_stand_in_the_order_of_their_targets():
    assert link_words(
        '<p><a href="https://a.example" rel="x">a <em>b</em></a> <a href="https://c.example">c</a></p>'
    ) == [
        "a b",
        "c",
    ]


@pytest.mark.parametrize(
    ("given", "is_held"),
    [
        ({"text": "x" * 300, "seconds": 3.0, "links": ("https://a.example",)}, True),
        ({"text": "x" * 300, "seconds": 3.0, "website": "https://a.example"}, True),
        ({"text": "x" * 300, "seconds": 3.0}, False),
        ({"text": "x" * 300, "seconds": 60.0, "links": ("https://a.example",)}, False),
        ({"text": "x" * 300, "seconds": None, "links": ("https://a.example",)}, False),
    ],
)
def test_speed_is_evidence_only_beside_a_link(given, is_held):
    assert (screens.fast_link(Facts(**given)) is not None) == is_held


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The bay silts up and nobody cares.", "en"),
        ("Das ist nicht der Hafen, den wir wollten.", "de"),
        ("Le port n'est pas pour les gens d'ici.", "fr"),
        ("Це не те, що ми хотіли для порту.", "uk"),
        ("Это не то, что мы хотели.", "ru"),
        ("Nie wiem, co to jest.", "pl"),
        ("これは港です", "ja"),
        ("这是港口", "zh"),
        ("هذا هو الميناء", "ar"),
        ("Αυτό είναι το λιμάνι", "el"),
        ("ok", ""),
        ("", ""),
        ("12345 !!! 🍆", ""),
        ("\x00\ud800", ""),
    ],
)
def test_a_language_is_named_where_it_shows(text, code):
    assert language_of(text) == code


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_a_language_is_always_a_code_or_nothing(text):
    assert len(language_of(text)) in {0, 2}


class TestPrior:
    @pytest.mark.parametrize(
        ("text", "name", "website"),
        [
            ("Great blog! I will bookmark your site and check back.", "cheap handbags", "https://cheap-handbags.biz"),
            ("Hello.", "payday loans", "https://quick-payday-loans.info"),
            ("Please subscribe to my channel, check out my new video!", "Ann", ""),
            ("URGENT! You have won a £1000 prize, call 09061234567 to claim.", "Ann", ""),
            ("[url=https://pills.example]buy viagra online[/url] https://pills.example", "Ann", ""),
            ("Contact me on whatsapp +44 7700 900123, I recovered my bitcoin", "Ann", ""),
            # The text is innocent; what is sold stands in the name and the host.
            ("Helpful.", "garden fences", "https://gardenfences-direct.info"),
            ("I enjoyed your article very much.", "Harold Pim", "https://cheap-watches-outlet.com"),
            ("Very nice", "Sofa Cleaning Leeds", "https://www.sofacleaningleeds.co.uk"),
            ("guys please subscribe to my channel, I upload magic every day", "Ann", ""),
            ("we just dropped our first EP, go check it out on our page!", "Ann", ""),
        ],
    )
    def test_what_is_sold_is_held(self, text, name, website):
        links = tuple(word for word in text.split() if word.startswith("https://"))
        found = score(Facts(text=text, name=name, website=website, links=links))
        assert found.probability >= 0.5
        assert found.words

    @pytest.mark.parametrize(
        ("text", "name", "website"),
        [
            (LONG, "Carl", ""),
            (LONG, "Carl Berg", "https://carlberg.net"),
            ("I disagree: the licence says nothing about jobs.", "K. Lee", "https://klee.org"),
            ("Thanks for the article.", "Rita", ""),
            ("My grandmother won a prize there in 1961!", "Sam", ""),
            ("See the figures: https://port.example/report", "Ed", ""),
            # Readers who have a website of their own, some of them a trade.
            ("The harbour froze over in 1963, my father walked to the island.", "Ruth", "https://ruthpaints.com"),
            ("That valve never holds on a hot pipe, use brass.", "Rob Tanner", "https://tannerplumbing.co.uk"),
            ("Lovely! Where was this taken?", "Emma", "https://emmas-travels.blogspot.com"),
            ("Thank you for this post, my daughter has the same allergy.", "Joan", "https://joanbakes.com"),
            # Fans, and those who are tired of beggars.
            ("I subscribed after the second video and she never disappoints", "Bea", ""),
            ("My favourite song of theirs, the drum at 2:15!", "Bea", ""),
            ("please stop writing about your own channels here, nobody cares", "Bea", ""),
            ("Loans, casinos and cheap shops: is that what the council wants?", "Mona", ""),
            ("", "", ""),
        ],
    )
    def test_what_is_said_is_not(self, text, name, website):
        links = tuple(word for word in text.split() if word.startswith("https://"))
        assert score(Facts(text=text, name=name, website=website, links=links)).probability < 0.5

    def test_two_thresholds_send_it_where_the_site_says(self, settings):
        spam = Facts(text="Buy viagra: https://pills.example", name="viagra", links=("https://pills.example",))
        verdict = screens.prior(spam)
        assert (verdict.outcome, verdict.code) == (Outcome.SPAM, "prior")
        assert "viagra" in str(verdict.detail)
        settings.COMMENTS = {**settings.COMMENTS, "SCREEN_SPAM": 1.0, "SCREEN_HOLD": 0.6}
        assert screens.prior(spam).outcome is Outcome.HOLD
        settings.COMMENTS = {**settings.COMMENTS, "SCREEN_SPAM": 1.0, "SCREEN_HOLD": 1.0}
        assert screens.prior(spam).outcome is Outcome.PUBLISH
        assert screens.prior(replace(spam, is_staff=True)) is None

    def test_each_count_has_a_weight(self):
        spam = Facts(
            text="WIN $5 at https://a.example !!! [url=x] a@b.example", name="casino", website="https://a-b.biz/x"
        )
        assert features(spam).keys() <= WEIGHTS.keys()

    @given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=80))
    @settings(max_examples=200)
    def test_it_never_raises(self, text, name, website):
        found = score(Facts(text=text, name=name, website=website, links=(website,)))
        assert 0 < found.probability < 1
        assert -30 < found.log_odds < 30


def test_the_first_screen_that_scores_has_the_word(settings):
    settings.COMMENTS = {**settings.COMMENTS, "SCREENS": (f"{__name__}.sure", f"{__name__}.surer")}
    found = screen(Facts(text="x"))
    assert (found.risk, found.per_mille, found.outcome) == (0.25, 250, Outcome.PUBLISH)
    assert found.stored() == []


def sure(facts: Facts) -> Verdict:
    return Verdict(Outcome.PUBLISH, "sure", risk=0.25)


def surer(facts: Facts) -> Verdict:
    return Verdict(Outcome.SPAM, "surer", risk=0.99)


class TestSketches:
    def test_nearly_equal_texts_share_a_number_and_others_do_not(self):
        near = LONG.replace("March", "April")
        assert likeness(LONG, near) >= 0.8
        one, two = sketch_of(LONG), sketch_of(near)
        assert one is not None
        assert two is not None
        assert set(one) & set(two)
        other = sketch_of(
            "Nobody has asked the people of the old town what they want from the port and its new cranes."
        )
        assert other is not None
        assert not set(one) & set(other)

    def test_a_short_text_has_none_and_dress_does_not_count(self):
        assert sketch_of("I agree completely with this.") is None
        assert sketch_of(LONG.upper().replace(" ", "  ")) == sketch_of(LONG)

    def test_it_fits_the_column(self):
        assert all(0 <= number < 2**63 for number in sketch_of(LONG))

    @given(st.lists(st.text(alphabet=string.ascii_lowercase, min_size=1), min_size=9, max_size=40))
    def test_a_text_is_like_itself(self, words):
        text = " ".join(words)
        assert likeness(text, text) == 1.0
        assert sketch_of(text) == sketch_of(text)


@pytest.fixture
def say(thread):
    def post(body="The bay silts up slowly.", *, name="Carl", website="", where=None, **origin) -> Comment:
        draft = Draft(body, name, "carl@example.org", website)
        return posting.post(where or thread, draft, Origin(**origin)).comment

    return post


def listed(pattern, to="hold"):
    WordEntry.objects.create(list=to, pattern=pattern)
    entries.forget()


@pytest.mark.django_db
class TestAsPosted:
    def test_nearly_the_same_words_wait_wherever_they_are_posted(self, say):
        say(LONG)
        elsewhere = Thread.objects.create(key="elsewhere", mode="publish")
        comment = say(LONG.replace("March", "April"), name="Sam", where=elsewhere)
        assert (comment.status, comment.screening) == ("pending", [{"code": "near_repeated", "detail": "1"}])

    def test_words_that_were_taken_back_do_not_count(self, say):
        first = say(LONG)
        Comment.objects.filter(pk=first.pk).update(status="withdrawn", html="")
        assert say(LONG.replace("March", "April")).status == "approved"

    def test_a_shared_number_alone_holds_nothing(self, say):
        say(LONG)
        Submission.objects.update(sketch_a=sketch_of("Another text of more than eight words, about something else.")[0])
        assert say("Another text of more than eight words, about something else.").status == "approved"

    @pytest.mark.parametrize(
        ("to", "status", "reason", "code"),
        [
            ("hold", "pending", "", "blocked_word"),
            ("spam", "spam", "", "spam_word"),
            ("reject", "rejected", "other", "reject_word"),
        ],
    )
    def test_an_entry_of_a_list_decides(self, to, status, reason, code, say):
        listed("dredger*", to)
        comment = say("Two DREDGERS came.")
        comment.refresh_from_db()
        assert (comment.status, comment.reason) == (status, reason)
        assert comment.events.filter(actor="screen", to_status="rejected").exists() == (to == "reject")
        assert comment.screening == [{"code": code, "detail": "dredger*", "found": ["DREDGERS"], "where": "text"}]

    def test_an_entry_that_is_taken_out_decides_nothing(self, say):
        listed("dredger")
        assert say("A dredger came.").status == "pending"
        WordEntry.objects.all().delete()
        entries.forget()
        assert say("Another dredger came.").status == "approved"

    def test_the_lists_are_asked_about_at_most_once_in_a_while(self, say, django_assert_num_queries):
        listed("dredger")
        entries.word_lists()
        with django_assert_num_queries(0):
            assert entries.word_lists().size == 1

    def test_an_edit_is_searched_as_well(self, say, carls_browser):
        listed("dredger", "reject")
        comment = say("Nothing came.", reader=carls_browser)
        edited = posting.edit(comment, body="A dredger came.", reader=carls_browser)
        assert (edited.status, edited.reason) == ("rejected", "other")

    def test_language_and_risk_are_kept_and_follow_an_edit(self, say, carls_browser):
        comment = say("The bay silts up and nobody cares.", reader=carls_browser)
        comment.refresh_from_db()
        assert comment.language == "en"
        assert 0 < comment.risk < 300
        edited = posting.edit(comment, body="Das ist nicht der Hafen, den wir wollten.", reader=carls_browser)
        assert edited.language == "de"
