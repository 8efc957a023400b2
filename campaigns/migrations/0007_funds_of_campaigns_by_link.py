"""Funds of campaigns that are shown by link only learn it without being published again."""

from django.db import migrations


def tell_funds(apps, schema_editor):
    pages = apps.get_model("campaigns", "CampaignPage").objects.filter(by_link_only=True)
    funds = apps.get_model("donations", "Fund").objects
    funds.filter(key__in=pages.values("translation_key")).update(by_link_only=True)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0006_news_of_campaigns"),
        ("donations", "0014_funds_shown_by_link_only"),
        ("wagtailcore", "0098_apitoken"),
    ]

    # Going back takes the column away.
    operations = [migrations.RunPython(tell_funds, migrations.RunPython.noop)]
