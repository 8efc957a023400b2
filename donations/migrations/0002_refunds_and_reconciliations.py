
import django.db.models.deletion
import django.utils.timezone
import donations.money
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('donations', '0001_books'),
        ('wagtailcore', '0098_apitoken'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('agreed', models.PositiveIntegerField(default=0)),
                ('their_sum', donations.money.MoneyField(default=Decimal('0.00'))),
                ('our_sum', donations.money.MoneyField(default=Decimal('0.00'))),
                ('differences', models.JSONField(default=list)),
            ],
            options={
                'verbose_name': 'reconciliation',
                'verbose_name_plural': 'reconciliations',
                'ordering': ('-started_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('created', 'asked for'), ('pending', 'on its way'), ('succeeded', 'given back'), ('canceled', 'refused')], default='created', editable=False, max_length=20)),
                ('amount', donations.money.MoneyField(verbose_name='sum')),
                ('reason', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                ('idempotence_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider_request', models.TextField(blank=True, editable=False)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=64, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('refusal', models.CharField(blank=True, editable=False, max_length=60)),
            ],
            options={
                'verbose_name': 'refund',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='SandboxRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('idempotence_key', models.CharField(max_length=64, unique=True)),
                ('amount', donations.money.MoneyField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='letter',
            name='one_letter_per_kind',
        ),
        migrations.AddField(
            model_name='donation',
            name='refunded',
            field=donations.money.MoneyField(default=Decimal('0.00'), editable=False, verbose_name='given back'),
        ),
        migrations.AddField(
            model_name='letter',
            name='about',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('thanks', 'thanks'), ('refund', 'refund')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(('refunded__gte', Decimal('0.00')), ('refunded__lte', models.F('amount'))), name='no_more_is_given_back_than_was_given'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('donation', 'kind', 'about'), name='one_letter_per_kind_and_matter'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='donations.paymentaccount'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site'),
        ),
        migrations.AddField(
            model_name='refund',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='donations.paymentaccount'),
        ),
        migrations.AddField(
            model_name='refund',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='refund',
            name='donation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='donations.donation'),
        ),
        migrations.AddField(
            model_name='refund',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site'),
        ),
        migrations.AddField(
            model_name='sandboxrefund',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='donations.sandboxpayment'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_is_more_than_nothing'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(fields=('account', 'external_id'), name='one_refund_per_external_id'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), _negated=True), models.Q(('external_id__isnull', False), ('finished_at__isnull', False)), _connector='OR'), name='finished_refund_has_time_and_external_id'),
        ),
    ]
