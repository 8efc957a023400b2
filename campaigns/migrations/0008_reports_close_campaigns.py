"""Campaigns with a report take no more gifts, those published before this too."""

from django.db import migrations


def close_funds(apps, schema_editor):
    pages = apps.get_model("campaigns", "CampaignPage").objects.filter(has_report=True)
    funds = apps.get_model("donations", "Fund").objects
    funds.filter(key__in=pages.values("translation_key")).update(accepts=False)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0007_funds_of_campaigns_by_link"),
    ]

    operations = [migrations.RunPython(close_funds, migrations.RunPython.noop)]
