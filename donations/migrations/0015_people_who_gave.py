"""Funds count the people behind their gifts too; those of before are counted here."""

from django.db import migrations, models
from django.db.models import Count, F, Q
from django.db.models.functions import Lower


def count_people(apps, schema_editor):
    Donation, Fund = apps.get_model("donations", "Donation"), apps.get_model("donations", "Fund")
    standing = Donation.objects.filter(
        state="succeeded", counted=True, refunded__lt=F("amount") + F("corrected")
    )
    known = Count(Lower("email"), filter=~Q(email=""), distinct=True)
    others = Count("pk", filter=Q(email=""))
    rows = standing.order_by().values("fund_id").annotate(people=known + others)
    for row in list(rows):
        Fund.objects.filter(pk=row["fund_id"]).update(people=row["people"])


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0014_funds_shown_by_link_only"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AddField(
            model_name="fund",
            name="people",
            field=models.PositiveIntegerField(
                default=0,
                db_default=0,
                help_text="Who gave them: different e-mails, and every gift without one",
            ),
        ),
        migrations.AddIndex(
            model_name="donation",
            index=models.Index(F("fund"), Lower("email"), name="donation_donor_of_fund"),
        ),
        # Going back takes the column away.
        migrations.RunPython(count_people, migrations.RunPython.noop),
    ]
