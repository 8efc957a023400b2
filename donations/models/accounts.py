"""Where the money of a site goes."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from donations.secrets import seal, unseal
from tenancy.managers import ScopedManager, ScopedModel


def new_token() -> str:
    return secrets.token_urlsafe(24)


class AccountKind(models.TextChoices):
    SANDBOX = "sandbox", _("Test payments")
    YOOKASSA = "yookassa", "ЮKassa"
    BANK = "bank", _("Bank transfer")
    CASH = "cash", _("Cash")


# No provider stands behind these: the accountant tells what came in.
OFFLINE = (AccountKind.BANK, AccountKind.CASH)


class PaymentAccountQuerySet(models.QuerySet):
    def online(self) -> "PaymentAccountQuerySet":
        """Those with a provider that can be asked."""
        return self.exclude(kind__in=OFFLINE)

    def with_real_money(self) -> "PaymentAccountQuerySet":
        """Live shops, and the books of bank and cash once something was counted there."""
        has_money = ~Q(kind__in=OFFLINE) | Q(donations__counted=True)
        return self.filter(has_money, is_live=True).distinct()

    def active(self) -> "PaymentAccountQuerySet":
        """The online account that takes new gifts, one per site."""
        return self.online().filter(is_active=True)

    def of_site(self, site: Site) -> "PaymentAccountQuerySet":
        return self.filter(site=site)


class PaymentAccount(ScopedModel):
    """Where the money of a site goes. The secret is sealed and never shown again."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("payment service"), max_length=20, choices=AccountKind.choices)
    shop_id = models.CharField(_("shop id"), max_length=50, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    is_live = models.BooleanField(
        default=False, editable=False, help_text=_("Real money; a test shop is not live")
    )
    is_active = models.BooleanField(_("takes new donations"), default=True)
    recurring = models.BooleanField(
        _("monthly gifts are agreed with the payment service"), default=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    home = models.JSONField(
        default=list, editable=False, help_text="ADMIN_HOSTs where a live key may be used"
    )
    facts = models.JSONField(
        default=dict, editable=False, help_text="What the provider says of the shop"
    )
    facts_at = models.DateTimeField(null=True, editable=False)
    last_notice_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager.from_queryset(PaymentAccountQuerySet)()

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")
        constraints = (
            models.UniqueConstraint(
                fields=("site",),
                condition=Q(is_active=True) & ~Q(kind__in=OFFLINE),
                name="one_active_account_per_site",
            ),
            models.UniqueConstraint(
                fields=("site", "kind", "shop_id"),
                condition=Q(kind__in=OFFLINE),
                name="one_offline_account_per_number",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shop_id}".strip()

    @property
    def is_online(self) -> bool:
        return self.kind not in OFFLINE

    @property
    def secret_key(self) -> str:
        """In clear. Raises donations.secrets.KeysUnavailable."""
        return unseal(self.sealed_secret) if self.sealed_secret else ""

    @property
    def is_at_home(self) -> bool:
        """A copy of the database elsewhere must not take real money; test shops work anywhere."""
        return not self.is_live or settings.ADMIN_HOST in self.home

    def set_secret_key(self, secret: str) -> None:
        self.sealed_secret = seal(secret)
