from typing import Any

from django.core.management.base import BaseCommand

from donations.actions.accounts import rotate_secrets


class Command(BaseCommand):
    help = "Seals all payment keys with the first key of FIELD_KEYS, so that old ones can go."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"resealed {rotate_secrets()}")
