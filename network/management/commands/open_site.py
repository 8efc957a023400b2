from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from network.actions import open_site
from network.forms import OpenSiteForm


class Command(BaseCommand):
    help = "Opens a site: pages, groups, settings, and an invitation to its editor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the organisation")
        parser.add_argument("--hostname", required=True, help="dymka or dymka.example.org")
        parser.add_argument("--editor", required=True, help="e-mail of the editor")

    def handle(self, *args: Any, **options: Any) -> None:
        form = OpenSiteForm(
            {
                "organisation": options["name"],
                "hostname": options["hostname"],
                "editor_email": options["editor"],
            }
        )
        if not form.is_valid():
            problems = [
                f"{field}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()
            ]
            raise CommandError("\n".join(problems))
        try:
            opened = open_site(
                organisation=form.cleaned_data["organisation"],
                hostname=form.cleaned_data["hostname"],
                editor_email=form.cleaned_data["editor_email"],
                by=None,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{opened.site.root_url}/ is open; the editor is invited by e-mail")
