"""Comments without a tag are no longer counted among the combinations of tags."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("comments", "FacetCount").objects.filter(tag_mask=0).delete()


def count(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    FacetCount = apps.get_model("comments", "FacetCount")
    rows = apps.get_model("comments", "Comment").objects.filter(status="approved", tag_mask=0)
    for thread, number in rows.values_list("thread").annotate(models.Count("pk")).order_by():
        FacetCount.objects.create(thread_id=thread, tag_mask=0, count=number)


class Migration(migrations.Migration):
    dependencies = [("comments", "0007_lighter_submissions")]

    operations = [migrations.RunPython(forget, count)]
