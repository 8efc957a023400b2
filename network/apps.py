from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "network"
    verbose_name = _("Network")

    def ready(self) -> None:
        from home.models import HomePage
        from network import stock_sites

        stock_sites.tame()
        # A floor may not name a higher one: the showcase tells the home page of itself.
        HomePage.subpage_types = [*HomePage.subpage_types, "network.ShowcasePage"]
