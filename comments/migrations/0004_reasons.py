"""The reasons that a new site offers for a rejection, and what moderators and editors may do on the new desk."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REASONS = ("abuse", "off_topic", "false_claim", "personal_data", "duplicate", "other")

GROUPS = {
    "Moderators": [
        "view_block", "add_block", "change_block", "view_reason", "change_reason", "add_reason",
        "view_wordentry", "add_wordentry", "change_wordentry", "delete_wordentry", "view_sample",
    ],
    "Editors": ["view_reason", "add_reason", "change_reason", "view_sample"],
}


def add_reasons(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Reason = apps.get_model("comments", "Reason")
    for position, code in enumerate(REASONS):
        # No sentence: the software's own words are there in each reader's language.
        Reason.objects.get_or_create(code=code, defaults={"position": position})


def add_permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are made by a signal after the last migration, too late for this one.
    config = apps.get_app_config("comments")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codenames in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label="comments", codename__in=codenames)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0003_desk"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(add_reasons, migrations.RunPython.noop),
        migrations.RunPython(add_permissions, migrations.RunPython.noop),
    ]
