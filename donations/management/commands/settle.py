from typing import Any

from django.core.management.base import BaseCommand

from donations.actions.letters import send_owed_letters
from donations.actions.sweeping import settle
from donations.providers import gate


class Command(BaseCommand):
    help = "Asks about every payment whose end is not known and sends the letters that are owed."

    def handle(self, *args: Any, **options: Any) -> None:
        with gate.calls(gate.IN_A_JOB):
            done = settle()
        letters = send_owed_letters()
        self.stdout.write(
            f"asked {done.asked}, finished {done.finished}, "
            f"unreachable {done.unreachable}, letters {letters}"
        )
