import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("donations", "0016_one_promise_per_code_and_account"),
    ]

    operations = [
        migrations.AddField(
            model_name="donationevent",
            name="refund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="donations.refund",
            ),
        ),
    ]
