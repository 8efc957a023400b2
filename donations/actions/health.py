"""Payment accounts looked after: what the provider says of the shop, where its key is at home."""

import logging
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.payments import ProviderDown, credentials_of
from donations.models import PaymentAccount
from donations.providers import provider_for
from donations.providers.base import Credentials, ProviderError, ShopFacts, WrongKey
from tenancy.models import AuditEntry

log = logging.getLogger(__name__)


def ask_about_shop(*, site: Site, kind: str, shop_id: str, secret_key: str) -> ShopFacts | None:
    """What the provider says of a shop that is about to be saved; None: it cannot be asked now.

    An empty `secret_key` means the one that is stored. Raises WrongKey.
    """
    try:
        if secret_key:
            credentials = Credentials(shop_id=shop_id, secret_key=secret_key)
        else:
            known = PaymentAccount.objects.of_site(site).filter(kind=kind, shop_id=shop_id)
            credentials = credentials_of(known.order_by("-is_active", "-pk")[:1].get())
        return provider_for(kind).check(credentials)
    except WrongKey:
        raise
    except (ProviderDown, ProviderError, PaymentAccount.DoesNotExist):
        return None


def remember_facts(account: PaymentAccount, facts: ShopFacts) -> None:
    account.facts, account.facts_at = asdict(facts), timezone.now()
    account.save(update_fields=["facts", "facts_at"])


def check_account(account: PaymentAccount) -> bool:
    """Ask about a stored shop again and keep the answer, also that the key no longer fits.

    False when the provider cannot be asked now; what was known stays.
    """
    try:
        remember_facts(account, provider_for(account.kind).check(credentials_of(account)))
    except WrongKey:
        account.facts, account.facts_at = {"wrong_key": True}, timezone.now()
        account.save(update_fields=["facts", "facts_at"])
    except (ProviderDown, ProviderError):
        log.warning("payment account %s: could not be checked", account.pk)
        return False
    return True


def check_unchecked_accounts() -> int:
    """Ask about shops that were saved while the provider was down. Run by the worker."""
    waiting = PaymentAccount.objects.active().filter(facts_at=None)
    return sum(
        check_account(account)
        for account in waiting
        if provider_for(account.kind).takes_credentials and account.is_at_home
    )


def allow_this_host(*, account: PaymentAccount, by: User) -> None:
    """From now on the live key may be used by the server that runs at this ADMIN_HOST."""
    with transaction.atomic():
        account = PaymentAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        account.home = sorted({*account.home, settings.ADMIN_HOST})
        account.save(update_fields=["home"])
        AuditEntry.objects.create(
            site_id=account.site_id,
            by=by,
            what="live key allowed on a host",
            details={"account": account.pk, "host": settings.ADMIN_HOST},
        )
