from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from wagtail.models import Site

from donations.actions.payments import ProviderDown
from donations.actions.reconciliation import reconcile
from donations.models import PaymentAccount
from donations.providers import gate, provider_for
from site_settings.recipients import agreement_of


class Command(BaseCommand):
    help = "Compares the payment service's list with ours and mends what is certain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="host name of the site")
        parser.add_argument("--from", dest="since", required=True, type=date.fromisoformat)
        parser.add_argument(
            "--to", dest="until", required=True, type=date.fromisoformat, help="the last day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(hostname=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        since, until = _start(options["since"]), _start(options["until"] + timedelta(days=1))
        accounts = PaymentAccount.objects.online().of_site(site).select_related("site")
        shops = [one for one in accounts if provider_for(one.kind).takes_credentials]
        if not shops:
            raise CommandError(_no_shop(site))
        open_ones = 0
        for account in shops:
            try:
                with gate.calls(gate.IN_A_JOB):
                    report = reconcile(account=account, since=since, until=until)
            except ProviderDown:
                raise CommandError(f"{account}: the payment service does not answer.") from None
            open_ones += len(report.open_differences)
            self.stdout.write(
                f"{account}: agreed {report.agreed}, mended "
                f"{len(report.differences) - len(report.open_differences)}, "
                f"for a person {len(report.open_differences)}; "
                f"theirs {report.their_sum}, ours {report.our_sum}"
            )
        if open_ones:
            raise CommandError(f"{open_ones} differences need a person")


def _no_shop(site: Site) -> str:
    agreement = agreement_of(site)
    where = f"; its gifts are in the books of {agreement.recipient.hostname}" if agreement else ""
    return f"{site.hostname} has no account of a payment service{where}."


def _start(day: date) -> datetime:
    """Midnight of the register's zone (TIME_ZONE)."""
    return timezone.make_aware(datetime.combine(day, time.min))
