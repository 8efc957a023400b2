from typing import Any

from django.core.management.base import BaseCommand, CommandError

from donations.actions.funds import check_totals


class Command(BaseCommand):
    help = "Recounts every fund from its donations. Exit code 1 when a total differs."

    def handle(self, *args: Any, **options: Any) -> None:
        found = check_totals()
        for row in found:
            self.stderr.write(f"fund {row.fund.pk}: stored {row.stored}, counted {row.counted}")
        if found:
            raise CommandError(f"{len(found)} funds differ from their donations")
        self.stdout.write("every total agrees with its donations")
