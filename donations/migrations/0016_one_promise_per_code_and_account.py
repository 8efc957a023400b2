"""A code names one promise of a bank account: an account may receive for several sites."""

from django.db import migrations, models
from django.db.models import Count


def forget_doubled(apps, schema_editor):
    """By a code of two promises nobody can tell whose the money is: a person tells by hand."""
    Donation = apps.get_model("donations", "Donation")
    coded = Donation.objects.exclude(code=None).order_by()
    doubled = coded.values("account_id", "code").annotate(number=Count("pk")).filter(number__gt=1)
    for row in list(doubled):
        coded.filter(account_id=row["account_id"], code=row["code"]).update(code=None)


class Migration(migrations.Migration):
    dependencies = [("donations", "0015_people_who_gave")]

    operations = [
        migrations.RemoveConstraint(model_name="donation", name="one_promise_per_code"),
        migrations.RunPython(forget_doubled, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="donation",
            constraint=models.UniqueConstraint(
                fields=("account", "code"), name="one_promise_per_code"
            ),
        ),
    ]
