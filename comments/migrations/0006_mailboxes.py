"""How often a mailbox was asked is counted by the mailbox, whatever stands behind a plus sign."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0005_alerts_and_erased_blocks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mailbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=32, unique=True)),
                ('asked_count', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('asked_at', models.DateTimeField(db_index=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'mailbox',
                'verbose_name_plural': 'mailboxes',
            },
        ),
        migrations.RemoveField(
            model_name='commenter',
            name='asked_at',
        ),
        migrations.RemoveField(
            model_name='commenter',
            name='asked_count',
        ),
    ]
