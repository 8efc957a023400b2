from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from donations.actions.funds import check_totals, count_people_again, lock_funds
from donations.models import Fund


class Command(BaseCommand):
    help = "Recounts every fund from its donations. Exit code 1 when a total differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mend-people", action="store_true", help="count the people of every fund anew first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mend_people"]:
            for pk in Fund.objects.values_list("pk", flat=True):
                with transaction.atomic():
                    lock_funds([pk])
                    count_people_again([pk])
        found = check_totals()
        for row in found:
            self.stderr.write(f"fund {row.fund.pk}: stored {row.stored}, counted {row.counted}")
        if found:
            raise CommandError(f"{len(found)} funds differ from their donations")
        self.stdout.write("every total agrees with its donations")
