from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from wagtail.models import Site

from network.actions import open_site
from network.blueprint import BLUEPRINTS
from network.forms import REQUISITES, OpenSiteForm

ROLES = ("editor", "manager", "accountant")


class Command(BaseCommand):
    help = "Opens a site: pages, groups, settings, and invitations to its people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the organisation")
        parser.add_argument("--hostname", default="", help="dymka; made of the name when left out")
        parser.add_argument("--kind", choices=list(BLUEPRINTS), default="basic")
        for role in ROLES:
            parser.add_argument(
                f"--{role}", default="", help=f"e-mails of the {role}s, with commas"
            )
        for colour in ("accent", "second"):
            parser.add_argument(f"--{colour}", default="", help="#1f6f54")
        for field in REQUISITES:
            parser.add_argument(f"--{field.replace('_', '-')}", default="", dest=field)
        parser.add_argument("--recipient", default="", help="host name of who receives for a group")
        parser.add_argument("--agreed-by", default="", help="who agreed there: name and post")
        parser.add_argument("--agreed-on", default="", help="2026-03-01; today when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        form = OpenSiteForm(self._typed(options))
        if not form.is_valid():
            problems = [
                f"{field}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()
            ]
            raise CommandError("\n".join(problems))
        try:
            opened = open_site(**form.for_action(), by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{opened.site.root_url}/ is open; its people are invited by e-mail")

    def _typed(self, options: dict[str, Any]) -> dict[str, Any]:
        recipient = ""
        if options["recipient"]:
            site = Site.objects.filter(hostname=options["recipient"]).first()
            recipient = str(site.pk if site else options["recipient"])
        return {
            "organisation": options["name"],
            "hostname": options["hostname"],
            "blueprint": options["kind"],
            **{f"{role}_email": options[role] for role in ROLES},
            **{name: options[name] for name in ("accent", "second", *REQUISITES)},
            "recipient": recipient,
            "agreed_by": options["agreed_by"],
            "agreed_on": options["agreed_on"],
        }
