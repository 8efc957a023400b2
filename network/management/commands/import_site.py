from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _

from network.leaving import Refused
from network.leaving.importing import Imported, import_site
from network.leaving.terminal import Progress, passphrase


class Command(BaseCommand):
    help = "Takes a site out of the file of export_site into an empty stand-alone installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            arrived = import_site(
                path=options["file"],
                ask_passphrase=lambda: passphrase(twice=False),
                tell=Progress(self.stdout),
            )
        except Refused as error:
            raise CommandError(str(error)) from None
        self.stdout.write("\n".join(_next_steps(arrived)))


def _next_steps(arrived: Imported) -> list[str]:
    """What is here, and what people do now."""
    reset = settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_password_reset")
    lines = [
        _("%(url)s/ is at home: %(rows)s rows, %(files)s files; every total agrees.")
        % {"url": arrived.site.root_url, "rows": arrived.rows, "files": arrived.files},
        _("Passwords stayed behind. Each of %(number)s people sets a new one here: %(url)s")
        % {"number": arrived.people, "url": reset},
    ]
    if arrived.managers:
        lines.append(_("First the site's manager: %s") % ", ".join(arrived.managers))
    else:
        lines.append(_("The site has no manager. Make one who keeps it: manage.py createsuperuser"))
    for account in arrived.accounts:
        lines.append(
            _(
                "%s takes no money here yet. Make a new key at the payment service, give it on the "
                "screen of payment accounts: then the old home cannot charge any more."
            )
            % account
        )
    if arrived.stopped:
        lines.append(_("Monthly gifts stopped, as their cards stayed behind: %s") % arrived.stopped)
    return lines
