from typing import Any

from django.core.management.base import BaseCommand

from content.scheduled import publish_scheduled
from tenancy.scope import unrestricted


class Command(BaseCommand):
    help = "Publishes and takes off what is due, on every site that is not archived."

    def handle(self, *args: Any, **options: Any) -> None:
        with unrestricted("command publish_scheduled: of every site"):
            publish_scheduled()
