"""The log of the desk."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import bulk, moderation
from comments.desk import log
from comments.models import Comment, ModerationEvent, Status
from comments.moderation import Seen

Write = Callable[..., Comment]


def reject(comment: Comment, by: User, note: str = "") -> None:
    moderation.decide(comment, to=Status.REJECTED, by=by, seen=Seen("approved", 1), reason="abuse", note=note)


def test_a_row_says_who_decided_what_when_and_why(mona_client: Client, mona: User, write: Write) -> None:
    comment = write()
    reject(comment, mona, "Enough <b>now</b>")
    event = ModerationEvent.objects.get()

    page = mona_client.get("/desk/moderation/log/").text

    assert "mona" in page
    assert f'href="/desk/moderation/{comment.pk}/"' in page
    assert 'data-status="approved">approved' in page
    assert 'data-status="rejected">rejected' in page
    assert "It attacks a person or a group" in page
    assert "Enough &lt;b&gt;now&lt;/b&gt;" in page
    assert f'title="{event.at:%Y-%m-%d %H:%M:%S} UTC"' in page


def test_newest_come_first_and_older_ones_on_the_next_page(mona_client: Client, mona: User, write: Write) -> None:
    for number in range(60):
        reject(write(), mona, f"note {number:02}")

    first = mona_client.get("/desk/moderation/log/").text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link is not None
    second = mona_client.get(link.group(1).replace("&amp;", "&")).text

    assert re.findall(r"note \d\d", first) == [f"note {number:02}" for number in range(59, 9, -1)]
    assert re.findall(r"note \d\d", second) == [f"note {number:02}" for number in range(9, -1, -1)]
    assert 'rel="next"' not in second


def test_the_log_narrows_to_a_moderator_and_to_a_comment(
    mona_client: Client, mona: User, ed: User, write: Write
) -> None:
    one, other = write(), write()
    reject(one, mona, "by mona")
    reject(other, ed, "by ed")

    assert "by ed" not in mona_client.get("/desk/moderation/log/?by=mona").text
    of_other = mona_client.get(f"/desk/moderation/log/?comment={other.pk}").text
    assert "by ed" in of_other
    assert "by mona" not in of_other
    assert "Nothing has happened yet." in mona_client.get("/desk/moderation/log/?by=nobody%00").text


def test_it_is_searched_by_words_action_reason_and_day(mona_client: Client, mona: User, write: Write) -> None:
    rude, kind = write(), write()
    reject(rude, mona, "mind the tone")
    moderation.decide(kind, to=Status.SPAM, by=mona, seen=Seen("approved", 1), note="a shop")

    def found(query: str) -> set[str]:
        page = mona_client.get(f"/desk/moderation/log/?{query}").text
        return {note for note in ("mind the tone", "a shop") if note in page}

    day = timezone.localdate().isoformat()
    assert found("words=THE+tone") == {"mind the tone"}
    assert found("reason=abuse") == {"mind the tone"}
    assert found("action=status") == {"mind the tone", "a shop"}
    assert found("action=block") == set()
    assert found(f"since={day}&until={day}") == {"mind the tone", "a shop"}
    assert found("since=2100-01-01") == set()


def test_a_search_for_words_looks_so_far_and_says_so(
    mona_client: Client, mona: User, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "WINDOW", 3)
    reject(write(), mona, "the one")
    for _ in range(5):
        reject(write(), mona, "another")

    first = mona_client.get("/desk/moderation/log/?words=one").text
    assert "the one" not in first
    assert "Searched back to" in first
    (older,) = re.findall(r'href="([^"]+)" rel="next"', first)
    assert "the one" in mona_client.get(older.replace("&amp;", "&")).text


def test_the_table_holds_every_row_and_runs_nothing_in_a_spreadsheet(
    mona_client: Client, mona: User, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_CHUNK", 2)
    for _ in range(4):
        reject(write(name="Carl"), mona, "routine")
    reject(write(), mona, '=HYPERLINK("https://evil.example")')

    response = mona_client.get("/desk/moderation/log.csv")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))

    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    assert len(rows) == 5 == ModerationEvent.objects.count()
    assert (rows[0]["by"], rows[0]["from"], rows[0]["to"], rows[0]["reason"]) == (
        "mona",
        "approved",
        "rejected",
        "abuse",
    )
    assert rows[-1]["note"].startswith("'=")
    assert "Carl" not in response.getvalue().decode()


def test_the_table_is_narrowed_like_the_page_and_closed_to_strangers(
    client: Client, mona_client: Client, mona: User, write: Write
) -> None:
    one, other = write(), write()
    reject(one, mona)
    reject(other, mona)

    table = mona_client.get(f"/desk/moderation/log.csv?comment={one.pk}").getvalue().decode()

    assert len(table.splitlines()) == 2
    assert client.get("/desk/moderation/log.csv").status_code == 302


@pytest.mark.parametrize(
    "query",
    ["comment=x", "before=1e9", "comment=" + "9" * 30, "action=x", "since=2026-02-30", "until=x", "since=9999-12-31"],
)
def test_a_made_up_address_is_refused_with_a_sentence(mona_client: Client, query: str) -> None:
    assert mona_client.get(f"/desk/moderation/log/?{query}").status_code == 400


def test_a_page_costs_the_same_queries_with_one_row_and_with_fifty(
    mona_client: Client, mona: User, write: Write
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            mona_client.get("/desk/moderation/log/")
        return len(caught)

    reject(write(), mona)
    count()
    at_one = count()
    for _ in range(50):
        reject(write(), mona)

    assert count() == at_one <= 9


def decide_at_once(comments: list[Comment], by: User, to: str = "spam") -> bulk.Bulk:
    return bulk.decide_many([bulk.Choice(one.pk, to, Seen(one.status, one.revision)) for one in comments], by=by)


def test_what_was_decided_at_once_is_one_line(mona_client: Client, mona: User, write: Write) -> None:
    comments = [write(status="pending") for _ in range(60)]
    done = decide_at_once(comments, mona)
    other = write()
    reject(other, mona)

    page = mona_client.get("/desk/moderation/log/?by=mona").text

    assert "60 comments at once" in page
    assert page.count("<tr") == 1 + 2
    assert f'name="batch" value="{done.batch}"' in page
    assert 'rel="next"' not in page
    each = mona_client.get(f"/desk/moderation/log/?batch={done.batch}").text
    assert each.count("<tr") == 1 + 50
    assert 'rel="next"' in each
    assert "Undo all" in each
    of_one = mona_client.get(f"/desk/moderation/log/?comment={comments[3].pk}").text
    assert f"batch={done.batch}" in of_one
    assert "at once" not in of_one


def test_undoing_what_was_decided_at_once_is_one_line_as_well(mona_client: Client, mona: User, write: Write) -> None:
    done = decide_at_once([write(status="pending") for _ in range(3)], mona)

    answer = mona_client.post("/desk/moderation/undo/", {"batch": str(done.batch), "log": "by=mona"})

    assert "3 decisions undone." in answer.text
    assert 'href="/desk/moderation/log/?by=mona"' in answer.text
    page = mona_client.get("/desk/moderation/log/").text
    assert page.count("3 comments at once") == 2
    assert "3 taken back" in page
    assert "Undo all" not in page


def test_a_decision_taken_back_in_the_log_leads_back_to_it(mona_client: Client, mona: User, write: Write) -> None:
    reject(write(), mona)
    event = ModerationEvent.objects.get()
    answer = mona_client.post("/desk/moderation/undo/", {"event": str(event.pk), "log": "action=status"})
    assert (answer.status_code, answer["Location"]) == (303, "/desk/moderation/log/?action=status")
    answer = mona_client.post("/desk/moderation/undo/", {"log": "batch=none"})
    assert answer["Location"] == "/desk/moderation/log/"


def test_a_batch_that_is_none_is_refused(mona_client: Client) -> None:
    assert mona_client.get("/desk/moderation/log/?batch=x").status_code == 404


def test_a_spreadsheet_reads_the_table_as_it_is_and_runs_nothing(mona_client: Client, mona: User, write: Write) -> None:
    notes = ["=1+1", "＝1+1", "-2", "@SUM(A1)", "Друге попередження 🎉", 'He said: "no", then;', "سمير"]
    for note in notes:
        reject(write(), mona, note)

    answer = mona_client.get("/desk/moderation/log.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    assert text.startswith("\ufeffid,at,action")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    found = [row["note"] for row in rows if row["note"]]
    assert found == ["'=1+1", "'＝1+1", "'-2", "'@SUM(A1)", *notes[4:]]
