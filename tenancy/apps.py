from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenancyConfig(AppConfig):
    name = "tenancy"
    verbose_name = _("Walls between sites")

    def ready(self) -> None:
        from tenancy import archived, roots, signals, stock_lists

        roots.use_own_lookup()
        signals.connect()
        stock_lists.narrow()
        archived.protect()
