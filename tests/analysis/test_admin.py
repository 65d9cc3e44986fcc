"""The add-on's admin: cues as lines, saved by the verb."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from analysis import runs
from analysis.models import Definition, LearnedModel, ModelChange, TaggingRun
from comments import tagging
from comments.models import Comment, Tag

Write = Callable[..., Comment]


@pytest.fixture
def eds_admin(ed: User, ed_client: Client) -> Client:
    ed.is_staff = True
    ed.save()
    return ed_client


@pytest.fixture
def definition(tags: dict[str, Tag]) -> Definition:
    return runs.set_cues(tags["jobs"], ["hiring", "two thousand jobs"])


def test_an_editor_edits_cues_as_lines_and_the_thread_is_tagged_anew(
    eds_admin: Client, definition: Definition, write: Write
) -> None:
    comment = write()
    tagging.assign_by_machine(comment, revision=1, tags=[])
    url = f"/admin/analysis/definition/{definition.pk}/change/"

    page = eds_admin.get(url).text
    response = eds_admin.post(url, {"cues": "  hiring \r\n\r\nwork for   all\r\nhiring"})

    assert "hiring\ntwo thousand jobs" in page
    assert response.status_code == 302
    definition.refresh_from_db()
    assert definition.cues == ["hiring", "work for all"]
    assert list(Comment.objects.untagged()) == [comment]


def test_saving_the_same_cues_changes_nothing(eds_admin: Client, definition: Definition, write: Write) -> None:
    comment = write()
    tagging.assign_by_machine(comment, revision=1, tags=[])

    eds_admin.post(f"/admin/analysis/definition/{definition.pk}/change/", {"cues": "hiring\ntwo thousand jobs"})

    assert not Comment.objects.untagged().exists()


def test_a_tag_that_has_none_gets_a_definition(eds_admin: Client, tags: dict[str, Tag]) -> None:
    form = {"tag": str(tags["expand"].pk), "cues": "grow"}

    response = eds_admin.post("/admin/analysis/definition/add/", form)

    assert response.status_code == 302
    assert tags["expand"].definition.cues == ["grow"]


def test_a_moderator_changes_no_definition(mona: User, mona_client: Client, definition: Definition) -> None:
    User.objects.filter(pk=mona.pk).update(is_staff=True)

    assert mona_client.get(f"/admin/analysis/definition/{definition.pk}/change/").status_code == 403


def test_runs_are_there_to_look_at(admin_client: Client, write: Write) -> None:
    run = TaggingRun.objects.create(comment=write(), revision=1, tagger="test 1", outcome="none")

    assert "none fits" in admin_client.get("/admin/analysis/taggingrun/").text
    assert admin_client.post(f"/admin/analysis/taggingrun/{run.pk}/change/", {}).status_code == 403
    assert admin_client.get("/admin/analysis/taggingrun/add/").status_code == 403


def test_what_was_learned_is_looked_at_and_not_changed(admin_client: Client, definition: Definition) -> None:
    state = {"weights": {"ab": 1}}
    model = LearnedModel.objects.create(
        tag=definition.tag, version=1, is_live=True, before={"f1": 0.5}, after={"f1": 0.75}, state=state
    )
    change = ModelChange.objects.create(tag=definition.tag, to_version=1)
    for name, row in (("learnedmodel", model), ("modelchange", change)):
        url = f"/admin/analysis/{name}/"
        assert admin_client.get(url).status_code == 200
        page = admin_client.get(f"{url}{row.pk}/change/")
        assert page.status_code == 200
        assert "weights" not in page.text
        assert admin_client.get(f"{url}add/").status_code == 403
        assert admin_client.post(f"{url}{row.pk}/change/", {"is_live": ""}).status_code == 403
        assert admin_client.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "75%" in admin_client.get("/admin/analysis/learnedmodel/").text
    model.refresh_from_db()
    assert model.is_live
