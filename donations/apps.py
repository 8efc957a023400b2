from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DonationsConfig(AppConfig):
    name = "donations"
    verbose_name = _("Donations")

    def ready(self) -> None:
        from wagtail.permissions import register_permission_policy

        from donations import checks  # noqa: F401  # registers itself
        from donations.models import Donation, PaymentAccount
        from donations.policies import GiftPolicy
        from tenancy.policies import OwnSitesPolicy

        register_permission_policy(Donation, GiftPolicy(Donation))
        register_permission_policy(PaymentAccount, OwnSitesPolicy(PaymentAccount))
