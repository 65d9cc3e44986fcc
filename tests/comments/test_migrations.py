"""Migrations: complete, with the two groups, and reversible."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.django_db


def test_no_change_of_a_model_lacks_its_migration():
    call_command("makemigrations", "comments", "analysis", check=True, dry_run=True, verbosity=0)


def test_moderators_decide_and_editors_tag():
    def codenames(group: str) -> set[str]:
        return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))

    assert {"change_comment", "view_report", "change_tagassignment"} <= codenames("Moderators")
    assert {"add_tag", "change_tag", "delete_tag", "change_tagassignment", "change_thread"} <= codenames("Editors")
    assert "change_comment" not in codenames("Editors")
    assert not any("delete_comment" in codenames(group) for group in ("Moderators", "Editors"))


def test_nobody_may_see_an_address_without_being_given_that_right():
    right = Permission.objects.get(codename="see_address")
    assert not right.group_set.exists()


def test_every_migration_can_be_taken_back():
    loader = MigrationLoader(connection)
    ours = [migration for (app, _), migration in loader.disk_migrations.items() if app in {"comments", "analysis"}]
    assert ours
    assert [operation for migration in ours for operation in migration.operations if not operation.reversible] == []


def test_making_the_groups_twice_makes_them_once():
    migration = MigrationLoader(connection).disk_migrations["comments", "0002_groups"]
    operation = migration.operations[0]
    state = MigrationExecutor(connection).loader.project_state([("comments", "0002_groups")])
    # An editor of SQLite cannot be opened inside a transaction; the function asks it for the connection alone.
    operation.code(state.apps, SimpleNamespace(connection=connection))
    assert Group.objects.filter(name__in=["Moderators", "Editors"]).count() == 2
