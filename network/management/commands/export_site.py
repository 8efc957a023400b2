from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from wagtail.models import Site

from network.leaving import Refused
from network.leaving.exporting import export_site
from network.leaving.terminal import Progress, passphrase
from tenancy.models import SiteState, state_of


class Command(BaseCommand):
    help = "Writes everything of one site into a file, for a move to hosting of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("host", help="the site's name, dymka.example.org")
        parser.add_argument("--to", required=True, type=Path, help="file.zip")
        parser.add_argument(
            "--with-secrets",
            action="store_true",
            help="the shops' keys and the saved cards too, sealed with a passphrase",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(hostname=options["host"].strip().lower()).first()
        if site is None:
            raise CommandError(_("There is no site with this name: %s") % options["host"])
        secret = passphrase(twice=True) if options["with_secrets"] else None
        try:
            done = export_site(
                site=site, to=options["to"], passphrase=secret, tell=Progress(self.stdout)
            )
        except Refused as error:
            raise CommandError(str(error)) from None
        for name in done.missing:
            self.stderr.write(_("not on the disk, left out: %s") % name)
        for name, number in sorted(done.cut.items()):
            what = _("points at another site, left empty: %(name)s (%(number)s)")
            self.stderr.write(what % {"name": name, "number": number})
        self.stdout.write(
            _("%(path)s: %(rows)s rows, %(files)s files, %(size)s MB")
            % {
                "path": done.path,
                "rows": done.rows,
                "files": done.files,
                "size": round(done.path.stat().st_size / 1_000_000, 1),
            }
        )
        self.stdout.write(f"SHA-256 {done.digest}")
        if state_of(site) == SiteState.ACTIVE:
            self.stdout.write(
                _(
                    "The site takes gifts: what is given from now on is not in the file. Before "
                    "the move itself, pause the site."
                )
            )
        self.stdout.write(_("The file names donors and people: hand it over as you would a key."))
