
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('donations', '0002_refunds_and_reconciliations'),
    ]

    operations = [
        migrations.AddField(
            model_name='donation',
            name='shield_counts',
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            model_name='fund',
            name='strict_until',
            field=models.DateTimeField(blank=True, editable=False, help_text='Every start must be confirmed until then', null=True),
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('window_start', models.BigIntegerField(help_text='Seconds since 1970')),
                ('number', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'window_start'), name='one_counter_per_window')],
            },
        ),
    ]
