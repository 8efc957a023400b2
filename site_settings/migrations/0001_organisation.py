
import django.core.validators
import django.db.models.deletion
import site_settings.checks
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('content', '0001_pictures_and_documents'),
        ('wagtailcore', '0098_apitoken'),
    ]

    operations = [
        migrations.CreateModel(
            name='Appearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tagline', models.CharField(blank=True, help_text='One line under the name', max_length=150, verbose_name='tagline')),
                ('accent', models.CharField(default='#1f6f54', help_text='Buttons and links. A colour too light to be read is darkened on the site.', max_length=7, validators=[site_settings.checks.check_colour], verbose_name='main colour')),
                ('second', models.CharField(default='#d9822b', max_length=7, validators=[site_settings.checks.check_colour], verbose_name='second colour')),
                ('logo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.picture', verbose_name='logo')),
                ('site', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'appearance',
            },
        ),
        migrations.CreateModel(
            name='Channels',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vk_url', models.URLField(blank=True, verbose_name='VK')),
                ('max_url', models.URLField(blank=True, verbose_name='MAX')),
                ('ok_url', models.URLField(blank=True, verbose_name='Odnoklassniki')),
                ('telegram_url', models.URLField(blank=True, verbose_name='Telegram')),
                ('site', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'channels',
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('full_name', models.CharField(blank=True, help_text='As in the charter', max_length=250, verbose_name='full name')),
                ('short_name', models.CharField(blank=True, help_text='Stands beside the logo', max_length=100, verbose_name='short name')),
                ('inn', models.CharField(blank=True, max_length=12, validators=[site_settings.checks.check_inn], verbose_name='INN')),
                ('kpp', models.CharField(blank=True, max_length=9, validators=[site_settings.checks.check_kpp], verbose_name='KPP')),
                ('ogrn', models.CharField(blank=True, max_length=13, validators=[site_settings.checks.check_ogrn], verbose_name='OGRN')),
                ('legal_address', models.CharField(blank=True, max_length=250, verbose_name='legal address')),
                ('director_name', models.CharField(blank=True, max_length=150, verbose_name='head of the organisation')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='public e-mail')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='public phone')),
                ('bank_name', models.CharField(blank=True, max_length=150, verbose_name='bank')),
                ('bic', models.CharField(blank=True, max_length=9, verbose_name='BIC')),
                ('account_number', models.CharField(blank=True, max_length=20, verbose_name='account')),
                ('correspondent_account', models.CharField(blank=True, max_length=20, verbose_name='correspondent account')),
                ('rkn_number', models.CharField(blank=True, help_text='Roskomnadzor gives it after the notice about processing personal data', max_length=30, verbose_name='number in the register of personal-data operators')),
                ('time_zone', models.CharField(choices=[('Europe/Kaliningrad', 'Kaliningrad, UTC+2'), ('Europe/Moscow', 'Moscow, UTC+3'), ('Europe/Kirov', 'Kirov, UTC+3'), ('Europe/Samara', 'Samara and Izhevsk, UTC+4'), ('Asia/Yekaterinburg', 'Yekaterinburg, UTC+5'), ('Asia/Omsk', 'Omsk, UTC+6'), ('Asia/Novosibirsk', 'Novosibirsk, UTC+7'), ('Asia/Irkutsk', 'Irkutsk, UTC+8'), ('Asia/Yakutsk', 'Yakutsk, UTC+9'), ('Asia/Vladivostok', 'Vladivostok, UTC+10'), ('Asia/Magadan', 'Magadan, UTC+11'), ('Asia/Kamchatka', 'Kamchatka, UTC+12')], default='Europe/Kirov', help_text='The last day of a campaign ends at midnight of this zone', max_length=40, verbose_name='time zone')),
                ('foreign_agent_notice', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(1000)], verbose_name='foreign-agent notice')),
                ('site', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'organisation and requisites',
            },
        ),
        migrations.CreateModel(
            name='LegalText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('offer', 'Public offer on donations'), ('consent', 'Consent to the processing of personal data'), ('privacy', 'Personal data policy')], max_length=20)),
                ('digest', models.CharField(help_text='SHA-256 of the body, hex', max_length=64)),
                ('body', models.TextField()),
                ('published_at', models.DateTimeField(auto_now_add=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'ordering': ('-published_at', '-pk'),
                'constraints': [models.UniqueConstraint(fields=('site', 'kind', 'digest'), name='one_row_per_version_of_a_legal_text')],
            },
        ),
    ]
