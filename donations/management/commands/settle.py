from typing import Any

from django.core.management.base import BaseCommand

from donations.actions.sweeping import settle


class Command(BaseCommand):
    help = "Asks about every payment whose end is not known and sends the letters that are owed."

    def handle(self, *args: Any, **options: Any) -> None:
        done = settle()
        self.stdout.write(
            f"asked {done.asked}, finished {done.finished}, "
            f"unreachable {done.unreachable}, letters {done.letters}"
        )
