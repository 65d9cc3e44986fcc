
import comments.models.alerts
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0002_groups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('pending', 'a comment waits'), ('reported', 'a comment was reported')], max_length=8)),
                ('status', models.CharField(max_length=9)),
                ('revision', models.PositiveSmallIntegerField()),
                ('nonce', models.CharField(default=comments.models.alerts._new_nonce, editable=False, max_length=22)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AlertChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pending', models.CharField(choices=[('never', 'never'), ('at_once', 'at once'), ('digest', 'in a digest')], default='never', max_length=8, verbose_name='waiting comments')),
                ('reported', models.CharField(choices=[('never', 'never'), ('at_once', 'at once'), ('digest', 'in a digest')], default='never', max_length=8, verbose_name='reports')),
                ('digest_hours', models.PositiveSmallIntegerField(default=24, verbose_name='hours between digests')),
                ('digest_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'alerts of a member of staff',
                'verbose_name_plural': 'alerts of staff',
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, verbose_name='what the author says')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='appealed at')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled at')),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted')),
            ],
            options={
                'verbose_name': 'block',
                'verbose_name_plural': 'blocks',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('event', models.CharField(choices=[('pending', 'a comment waits'), ('reported', 'a comment was reported'), ('decided', 'a comment was decided on'), ('ping', 'a test')], max_length=8, verbose_name='event')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sending', 'being sent'), ('sent', 'sent'), ('given_up', 'given up')], default='waiting', max_length=8, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='due')),
                ('claimed_at', models.DateTimeField(null=True)),
                ('response_status', models.PositiveSmallIntegerField(null=True, verbose_name='answer')),
                ('fault', models.CharField(blank=True, max_length=40, verbose_name='fault')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Reason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=16, unique=True, verbose_name='code')),
                ('sentence', models.CharField(blank=True, help_text="Empty: the words that come with the software, in the reader's language.", max_length=200, verbose_name='sentence for the author')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('is_offered', models.BooleanField(default=True, help_text='Off: kept for what was decided with it, not for new decisions.', verbose_name='offered')),
            ],
            options={
                'verbose_name': 'reason for a rejection',
                'verbose_name_plural': 'reasons for a rejection',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('machine_status', models.CharField(max_length=9, verbose_name='decided by machine')),
                ('risk', models.PositiveSmallIntegerField(null=True)),
                ('drawn_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='drawn')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
                ('is_agreed', models.BooleanField(null=True, verbose_name='the person agrees')),
            ],
            options={
                'verbose_name': 'standing sample',
                'verbose_name_plural': 'standing sample',
            },
        ),
        migrations.CreateModel(
            name='Viewing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'open card',
                'verbose_name_plural': 'open cards',
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=500, verbose_name='address')),
                ('sealed_secret', models.BinaryField()),
                ('sealed_under', models.CharField(blank=True, editable=False, max_length=8)),
                ('on_pending', models.BooleanField(default=True, verbose_name='waiting comments')),
                ('on_reported', models.BooleanField(default=True, verbose_name='reports')),
                ('on_decided', models.BooleanField(default=True, verbose_name='decisions')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
            },
        ),
        migrations.CreateModel(
            name='WordEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(choices=[('hold', 'hold'), ('spam', 'spam'), ('reject', 'reject')], max_length=6, verbose_name='list')),
                ('pattern', models.CharField(max_length=200, verbose_name='word, phrase or domain')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='added')),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'entry of a word list',
                'verbose_name_plural': 'word lists',
            },
        ),
        migrations.AddField(
            model_name='comment',
            name='is_staff_edited',
            field=models.BooleanField(default=False, editable=False, verbose_name='edited by staff'),
        ),
        migrations.AddField(
            model_name='comment',
            name='language',
            field=models.CharField(blank=True, editable=False, max_length=3, verbose_name='language'),
        ),
        migrations.AddField(
            model_name='comment',
            name='risk',
            field=models.PositiveSmallIntegerField(editable=False, null=True, verbose_name='risk'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='action',
            field=models.CharField(choices=[('status', 'decision'), ('undo', 'undone'), ('appeal', 'appeal'), ('resubmit', 'sent again'), ('edit', 'edited by staff'), ('reply', 'replied as staff'), ('pin', 'pinned'), ('unpin', 'unpinned'), ('mode', 'mode of the discussion'), ('block', 'blocked'), ('lift', 'block lifted'), ('address', 'address seen')], default='status', max_length=8, verbose_name='action'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='batch',
            field=models.UUIDField(blank=True, editable=False, null=True, verbose_name='batch'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='is_invitation',
            field=models.BooleanField(default=False, verbose_name='may be sent again'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='message',
            field=models.TextField(blank=True, verbose_name='message to the author'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='original',
            field=models.TextField(blank=True, verbose_name='text before'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='thread',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='comments.thread', verbose_name='discussion'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='undoes',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='undone_by', to='comments.moderationevent'),
        ),
        migrations.AddField(
            model_name='outbox',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='comments.moderationevent'),
        ),
        migrations.AddField(
            model_name='outbox',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='comments_mails', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='submission',
            name='sketch_a',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='sketch_b',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='thread',
            name='pinned',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='comments.comment'),
        ),
        migrations.AlterField(
            model_name='comment',
            name='reason',
            field=models.CharField(blank=True, max_length=16, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='moderationevent',
            name='comment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='comments.comment'),
        ),
        migrations.AlterField(
            model_name='moderationevent',
            name='from_status',
            field=models.CharField(blank=True, max_length=16, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='moderationevent',
            name='reason',
            field=models.CharField(blank=True, max_length=16, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='moderationevent',
            name='revision',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='revision'),
        ),
        migrations.AlterField(
            model_name='moderationevent',
            name='to_status',
            field=models.CharField(blank=True, max_length=16, verbose_name='to'),
        ),
        migrations.AlterField(
            model_name='outbox',
            name='commenter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mails', to='comments.commenter'),
        ),
        migrations.AlterField(
            model_name='outbox',
            name='kind',
            field=models.CharField(choices=[('confirm', 'confirm an address'), ('news', 'news of a discussion'), ('decision', "a decision on one's own comment"), ('alert', 'an alert for staff')], max_length=8, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('risk__isnull', False), models.Q(('status', 'pending'), ('status', 'spam'), ('status', 'rejected'), _connector='OR')), fields=['status', 'risk', 'id'], name='ix_comments_queue_risk'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('report_count__gt', 0)), fields=['report_count', 'id'], name='ix_comments_most_reported'),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('sketch_a__isnull', False)), fields=['sketch_a'], name='ix_comments_submission_a'),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('sketch_b__isnull', False)), fields=['sketch_b'], name='ix_comments_submission_b'),
        ),
        migrations.AddConstraint(
            model_name='outbox',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('commenter__isnull', False), ('user__isnull', True)), models.Q(('commenter__isnull', True), ('user__isnull', False)), _connector='OR'), name='comments_outbox_one_person'),
        ),
        migrations.AddConstraint(
            model_name='outbox',
            constraint=models.UniqueConstraint(condition=models.Q(('attempts', 0), ('kind', 'alert'), ('state', 'waiting')), fields=('user', 'pace'), name='comments_outbox_one_alert'),
        ),
        migrations.AddField(
            model_name='alert',
            name='comment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='alert',
            name='outbox',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='comments.outbox'),
        ),
        migrations.AddField(
            model_name='alertchoice',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='comments_alerts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appeal',
            name='comment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appeals', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='appeal',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='appeal', to='comments.moderationevent'),
        ),
        migrations.AddField(
            model_name='block',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='block',
            name='comment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blocks', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='block',
            name='commenter',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blocks', to='comments.commenter'),
        ),
        migrations.AddField(
            model_name='block',
            name='reader',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blocks', to='comments.reader'),
        ),
        migrations.AddField(
            model_name='block',
            name='thread',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='comments.thread'),
        ),
        migrations.AddField(
            model_name='moderationevent',
            name='block',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='comments.block'),
        ),
        migrations.AddIndex(
            model_name='moderationevent',
            index=models.Index(fields=['at'], name='ix_comments_event_at'),
        ),
        migrations.AddIndex(
            model_name='moderationevent',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='ix_comments_event_batch'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='comment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='decision',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='comments.moderationevent'),
        ),
        migrations.AddField(
            model_name='sample',
            name='comment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sample', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='viewing',
            name='comment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='viewings', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='viewing',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments_viewings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='comments.webhook'),
        ),
        migrations.AddField(
            model_name='wordentry',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(fields=('outbox', 'comment', 'cause'), name='comments_alert_once'),
        ),
        migrations.AddIndex(
            model_name='appeal',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['comment'], name='ix_comments_appeal_open'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['comment'], name='ix_comments_sample_open'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(fields=['settled_at'], name='ix_comments_sample_settled'),
        ),
        migrations.AddIndex(
            model_name='viewing',
            index=models.Index(fields=['at'], name='ix_comments_viewing_at'),
        ),
        migrations.AddConstraint(
            model_name='viewing',
            constraint=models.UniqueConstraint(fields=('comment', 'user'), name='comments_viewing_once'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting'), ('state', 'sending'), _connector='OR'), fields=['due_at'], name='ix_comments_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', 'id'], name='ix_comments_delivery_log'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['created_at'], name='ix_comments_delivery_age'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'given_up')), fields=['id'], name='ix_comments_delivery_given_up'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'given_up'])), name='comments_delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='wordentry',
            constraint=models.UniqueConstraint(fields=('list', 'pattern'), name='comments_word_once'),
        ),
        migrations.AddConstraint(
            model_name='wordentry',
            constraint=models.CheckConstraint(condition=models.Q(('list__in', ['hold', 'spam', 'reject'])), name='comments_word_list'),
        ),
    ]
