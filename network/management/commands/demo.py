from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.test.utils import override_settings
from wagtail.models import Site

from network.demo_network import fill


class Command(BaseCommand):
    help = "Fills an empty installation with the demo network. Development only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for development: set DEBUG=on.")
        if not settings.DEMO_PASSWORD:
            raise CommandError("Set DEMO_PASSWORD: the demo's people need one.")
        if Site.objects.exists():
            raise CommandError("There are sites already; the demo fills an empty database only.")
        # All or nothing: half a demo would look whole to the next `make run`.
        with override_settings(SITE_PORT=options["port"]), transaction.atomic():
            fill(say=self.stdout.write)
