
import content.fields
import django.db.models.deletion
import donations.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('content', '0001_pictures_and_documents'),
        ('wagtailcore', '0098_apitoken'),
    ]

    operations = [
        migrations.CreateModel(
            name='CampaignIndexPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('lead', models.CharField(blank=True, max_length=250, verbose_name='lead')),
            ],
            options={
                'verbose_name': 'list of campaigns',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='CampaignPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('lead', models.CharField(help_text='It stands under the title, before everything else', max_length=250, verbose_name='one sentence: why now')),
                ('goal', donations.money.MoneyField(blank=True, help_text='In roubles. Without a goal the page shows no bar', null=True, verbose_name='goal')),
                ('deadline', models.DateField(blank=True, help_text='The day itself still counts. May be left empty', null=True, verbose_name='last day')),
                ('closes_at_deadline', models.BooleanField(default=False, help_text='Otherwise only the words change, and people can go on helping', verbose_name='take no donations after the last day')),
                ('body', content.fields.StreamField([], blank=True, verbose_name='story')),
                ('picture', models.ForeignKey(blank=True, help_text='The thing itself, 1600 × 1000 or larger', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.picture', verbose_name='picture')),
            ],
            options={
                'verbose_name': 'campaign',
            },
            bases=('wagtailcore.page',),
        ),
    ]
