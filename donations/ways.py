"""By what ways a site can be given to now. Whether a fund takes gifts, the fund knows."""

from collections.abc import Collection

from django.http import HttpRequest
from django.utils.functional import cached_property
from wagtail.models import Site

from donations.actions.accounts import account_of
from donations.actions.transfers import payee_of
from donations.models import PaymentAccount
from site_settings.models import Organisation
from site_settings.recipients import takers_for, takes_for


class Ways:
    """Asked of the database as soon as somebody wants to know."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation

    @cached_property
    def taking(self) -> Organisation | None:
        """Who receives the gifts of the site: itself, or a group's recipient."""
        return takes_for(self.organisation)

    @cached_property
    def account(self) -> PaymentAccount | None:
        return account_of(self.taking)

    @property
    def online(self) -> bool:
        return self.account is not None and self.account.is_at_home

    @property
    def by_bank(self) -> bool:
        return self.taking is not None and payee_of(self.taking) is not None

    @property
    def exist(self) -> bool:
        return self.online or self.by_bank


def ways_for(request: HttpRequest) -> Ways:
    """Those of the host's site; asked once for a request."""
    known: Ways | None = getattr(request, "_ways", None)
    if known is None:
        organisation = Organisation.for_request(request)
        site = Site.find_for_request(request)
        if site is not None:
            organisation.site = site  # the database need not be asked again
        known = Ways(organisation)
        setattr(request, "_ways", known)  # noqa: B010
    return known


def sites_with_ways(organisations: Collection[Organisation]) -> set[int]:
    """Ids of those of their sites that can be given to, by three queries at most."""
    takers = takers_for(organisations)
    accounts = PaymentAccount.objects.active().filter(
        site__in={taker.site_id for taker in takers.values()}
    )
    known = {account.site_id: account for account in accounts}
    found = set()
    for site, taker in takers.items():
        ways = Ways(taker)
        ways.account = known.get(taker.site_id)
        if ways.exist:
            found.add(site)
    return found
