
import django.db.models.deletion
import django.utils.timezone
import donations.models
import donations.money
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('site_settings', '0001_organisation'),
        ('wagtailcore', '0098_apitoken'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SandboxPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('idempotence_key', models.CharField(max_length=64, unique=True)),
                ('shop_id', models.CharField(max_length=50)),
                ('amount', donations.money.MoneyField()),
                ('description', models.CharField(max_length=128)),
                ('return_url', models.TextField()),
                ('metadata', models.JSONField(default=dict)),
                ('state', models.CharField(default='pending', max_length=20)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('paid_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Donation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('created', 'created'), ('pending', 'waiting for the donor'), ('waiting_for_capture', 'waiting for capture'), ('succeeded', 'paid'), ('canceled', 'not paid')], default='created', editable=False, max_length=20)),
                ('amount', donations.money.MoneyField(verbose_name='sum')),
                ('purpose', models.CharField(help_text='As it read on the day of the gift', max_length=255, verbose_name='purpose')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name')),
                ('show_name', models.BooleanField(default=False, verbose_name='show the name')),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('language', models.CharField(default='ru', max_length=10)),
                ('page_path', models.CharField(blank=True, help_text='The page the gift was begun on, for going back', max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('paid_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='paid')),
                ('gift_key', models.CharField(editable=False, max_length=80)),
                ('idempotence_key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('provider_request', models.TextField(blank=True, editable=False)),
                ('external_id', models.CharField(blank=True, editable=False, max_length=64, null=True)),
                ('confirmation_url', models.TextField(blank=True, editable=False)),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('reason', models.CharField(blank=True, editable=False, max_length=60)),
                ('flag', models.CharField(blank=True, editable=False, max_length=200)),
                ('counted', models.BooleanField(default=False, editable=False)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'donation',
                'verbose_name_plural': 'donations',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='DonationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('source', models.CharField(help_text='start, notification, return, sweeper, person', max_length=20)),
                ('from_state', models.CharField(max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('answer', models.JSONField(default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('donation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='donations.donation')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Fund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(blank=True, editable=False, null=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('purpose', models.CharField(max_length=255, verbose_name='purpose')),
                ('goal', donations.money.MoneyField(blank=True, null=True)),
                ('deadline', models.DateField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, help_text='No new gifts from this moment on', null=True)),
                ('accepts', models.BooleanField(default=True)),
                ('smallest', donations.money.MoneyField(default=Decimal('10.00'))),
                ('largest', donations.money.MoneyField(default=Decimal('350000.00'))),
                ('raised', donations.money.MoneyField(default=Decimal('0.00'))),
                ('refunded', donations.money.MoneyField(default=Decimal('0.00'))),
                ('count', models.PositiveIntegerField(default=0)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
        ),
        migrations.AddField(
            model_name='donation',
            name='fund',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='donations', to='donations.fund'),
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('thanks', 'thanks')], max_length=20)),
                ('owed_at', models.DateTimeField(auto_now_add=True)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, max_length=100)),
                ('donation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='donations.donation')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
        ),
        migrations.CreateModel(
            name='PaymentAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sandbox', 'Test payments'), ('yookassa', 'ЮKassa')], max_length=20, verbose_name='payment service')),
                ('shop_id', models.CharField(blank=True, max_length=50, verbose_name='shop id')),
                ('sealed_secret', models.TextField(blank=True, editable=False)),
                ('is_live', models.BooleanField(default=False, editable=False, help_text='Real money; a test shop is not live')),
                ('is_active', models.BooleanField(default=True, verbose_name='takes new donations')),
                ('token', models.CharField(default=donations.models.new_token, editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'payment account',
                'verbose_name_plural': 'payment accounts',
            },
        ),
        migrations.AddField(
            model_name='donation',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='donations', to='donations.paymentaccount'),
        ),
        migrations.CreateModel(
            name='StrayNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=64)),
                ('seen_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='donations.paymentaccount')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('source', models.CharField(default='donation form', max_length=40)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
                ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='site_settings.legaltext')),
                ('donation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='donations.donation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('donation', 'text'), name='one_acceptance_per_gift_and_text')],
            },
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.UniqueConstraint(fields=('site', 'key'), name='one_fund_per_site_and_key'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.UniqueConstraint(condition=models.Q(('key__isnull', True)), fields=('site',), name='one_general_fund_per_site'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(('raised__gte', 0), ('refunded__gte', 0), ('refunded__lte', models.F('raised'))), name='fund_totals_are_never_negative'),
        ),
        migrations.AddConstraint(
            model_name='fund',
            constraint=models.CheckConstraint(condition=models.Q(('smallest__gte', Decimal('1.00')), ('largest__gte', models.F('smallest'))), name='fund_limits_make_sense'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['sent_at', 'next_try_at'], name='letter_owed'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('donation', 'kind'), name='one_letter_per_kind'),
        ),
        migrations.AddConstraint(
            model_name='paymentaccount',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('site',), name='one_active_account_per_site'),
        ),
        migrations.AddIndex(
            model_name='donation',
            index=models.Index(fields=['site', '-created_at'], name='donation_site_newest'),
        ),
        migrations.AddIndex(
            model_name='donation',
            index=models.Index(fields=['state', 'checked_at'], name='donation_to_ask_about'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='donation_is_more_than_nothing'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.UniqueConstraint(fields=('account', 'external_id'), name='one_donation_per_external_id'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.UniqueConstraint(fields=('site', 'gift_key'), name='one_donation_per_gift_key'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), _negated=True), models.Q(('external_id__isnull', False), ('paid_at__isnull', False)), _connector='OR'), name='paid_donation_has_time_and_external_id'),
        ),
        migrations.AddConstraint(
            model_name='donation',
            constraint=models.CheckConstraint(condition=models.Q(('counted', False), ('state', 'succeeded'), _connector='OR'), name='only_paid_donations_count'),
        ),
        migrations.AddConstraint(
            model_name='straynotice',
            constraint=models.UniqueConstraint(fields=('account', 'external_id'), name='one_stray_notice_per_id'),
        ),
    ]
