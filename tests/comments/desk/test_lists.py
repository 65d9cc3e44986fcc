"""The desk's page of word lists: who may, what is refused, and what an entry would have found."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from comments.models import WordEntry
from comments.screening import entries
from comments.wordlists import MOST_AT_ONCE

pytestmark = pytest.mark.django_db
URL = "/desk/moderation/lists/"


def patterns():
    return list(WordEntry.objects.order_by("pk").values_list("list", "pattern"))


def test_a_moderator_adds_many_at_once_and_finds_them_again(mona_client, mona):
    answer = mona_client.post(URL, {"patterns": "casino\n cheap  pills \n\ncasino\n", "list": "spam", "note": "July"})
    assert (answer.status_code, answer["Location"]) == (303, URL)
    assert patterns() == [("spam", "casino"), ("spam", "cheap pills")]
    assert set(WordEntry.objects.values_list("by", "note")) == {(mona.pk, "July")}
    assert reverse("comments:word-lists") == URL
    page = mona_client.get(URL, {"q": "PILL", "list": "spam"}).content.decode()
    assert "cheap pills" in page
    assert "<bdi>casino</bdi>" not in page


def test_what_stands_there_already_is_said(mona_client):
    mona_client.post(URL, {"patterns": "casino", "list": "hold"})
    page = mona_client.post(URL, {"patterns": "casino\npoker", "list": "hold"}, follow=True).content.decode()
    assert "1 entry added. The others were already in the lists." in page
    assert len(patterns()) == 2


def test_adding_counts_at_once(mona_client, write, django_capture_on_commit_callbacks):
    assert write("A dredger came.").status == "approved"
    with django_capture_on_commit_callbacks(execute=True):
        mona_client.post(URL, {"patterns": "dredger", "list": "hold"})
    assert write("One more dredger came.").status == "pending"
    assert entries.word_lists().size == 1


def test_entries_are_tried_before_they_are_added(mona_client, write):
    write("A casino at the quay?")
    write("No casinos at the quay!", status="pending")
    write("The bay silts up.")
    page = mona_client.post(URL, {"patterns": "casino*\nnowhere", "list": "hold", "act": "try"}).content.decode()
    assert "Of the latest 3 comments, 2 hold one of these; 1 of them wait, 1 stand in public." in page
    assert "<bdi>casino*</bdi>: 2" in page
    assert "casino*\nnowhere</textarea>" in page
    assert patterns() == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"patterns": "", "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": " \n\u200b\n", "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": "*\na*", "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": ".*", "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": "a", "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": "x" * 201, "list": "hold"}, "desk-patterns-fault"),
        ({"patterns": "casino", "list": "burn"}, "desk-list-fault"),
        ({"patterns": "casino"}, "desk-list-fault"),
        ({"patterns": "casino", "list": "hold", "note": "x" * 201}, "desk-list-note-fault"),
        ({"patterns": "\n".join(f"w{number}" for number in range(MOST_AT_ONCE + 1)), "list": "hold"}, "patterns-fault"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_lost(sent, field, mona_client):
    answer = mona_client.post(URL, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert field in page
    if sent["patterns"].strip("\u200b\n "):
        assert sent["patterns"][:5] in page
    assert patterns() == []


@pytest.mark.parametrize("hostile", ["\x00casino", "<script>alert(1)</script>", "%s%d{}", "'; DROP TABLE"])
def test_hostile_entries_are_words_like_others(hostile, mona_client):
    answer = mona_client.post(URL, {"patterns": hostile, "list": "hold"}, follow=True)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert len(patterns()) == 1


def test_chosen_entries_are_removed(mona_client):
    mona_client.post(URL, {"patterns": "a1\nb2\nc3", "list": "hold"})
    first, second, _third = WordEntry.objects.order_by("pk").values_list("pk", flat=True)
    answer = mona_client.post(f"{URL}remove/", {"entry": [str(first), str(second), "9" * 30, "x", "-1"]})
    assert answer.status_code == 303
    assert patterns() == [("hold", "c3")]


@pytest.mark.parametrize("query", ["before=x", "before=" + "9" * 30, "q=%00", "q=%25_", "list=burn"])
def test_a_query_that_means_nothing_is_no_error(query, mona_client):
    assert mona_client.get(f"{URL}?{query}").status_code in {200, 400, 404}


def test_the_page_costs_the_same_however_long_the_lists(mona_client, mona, django_assert_max_num_queries):
    WordEntry.objects.bulk_create(WordEntry(list="hold", pattern=f"word{number}", by=mona) for number in range(250))
    mona_client.get(URL)
    with django_assert_max_num_queries(7):
        page = mona_client.get(URL).content.decode()
    assert page.count("<bdi>") == 100
    assert "before=" in page


def test_editors_and_strangers_are_kept_out(ed_client, sam):
    assert ed_client.get(URL).status_code == 403
    assert sam.get(URL).status_code == 302
    assert ed_client.post(URL, {"patterns": "casino", "list": "hold"}).status_code == 403
    assert patterns() == []


def test_who_may_only_look_changes_nothing(ed, ed_client):
    WordEntry.objects.create(list="hold", pattern="casino")
    ed.user_permissions.add(Permission.objects.get(codename="view_wordentry"))
    page = ed_client.get(URL).content.decode()
    assert "casino" in page
    assert "<textarea" not in page
    assert 'type="checkbox"' not in page
    assert ed_client.post(URL, {"patterns": "poker", "list": "hold"}).status_code == 403
    pk = str(WordEntry.objects.get().pk)
    assert ed_client.post(f"{URL}remove/", {"entry": [pk]}).status_code == 403
    assert patterns() == [("hold", "casino")]
