
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ScreenPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spam_error', models.FloatField(blank=True, null=True, verbose_name='good comments that may be marked as spam')),
                ('hold_error', models.FloatField(blank=True, null=True, verbose_name='good comments that may wait in vain')),
                ('is_held', models.BooleanField(default=False, verbose_name='version chosen by a person')),
                ('seen_event', models.PositiveBigIntegerField(default=0)),
                ('drift_at', models.DateTimeField(blank=True, null=True, verbose_name='drifts since')),
                ('revision', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'policy of the learned screen',
                'verbose_name_plural': 'policy of the learned screen',
            },
        ),
        migrations.CreateModel(
            name='ScreenChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_version', models.PositiveIntegerField(blank=True, null=True, verbose_name='from')),
                ('to_version', models.PositiveIntegerField(blank=True, null=True, verbose_name='to')),
                ('spam_error', models.FloatField(verbose_name='good comments that may be marked as spam')),
                ('hold_error', models.FloatField(verbose_name='good comments that may wait in vain')),
                ('is_chosen', models.BooleanField(default=False, verbose_name='chosen by a person')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'change of the learned screen',
                'verbose_name_plural': 'log of the learned screen',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ScreenModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('state', models.JSONField(default=dict)),
                ('before', models.JSONField(default=dict, verbose_name='figures before')),
                ('after', models.JSONField(default=dict, verbose_name='figures after')),
                ('examples', models.PositiveIntegerField(default=0, verbose_name='decisions that it learned from')),
                ('last_event', models.PositiveBigIntegerField(default=0)),
                ('is_live', models.BooleanField(default=False, verbose_name='in use')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made at')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'learned screen',
                'verbose_name_plural': 'learned screens',
                'ordering': ['-version'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('is_live',), name='analysis_screen_one_is_live')],
            },
        ),
    ]
