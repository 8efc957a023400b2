from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Pages of a site")

    def ready(self) -> None:
        from wagtail.contrib.forms.views import FormPageFilterSet

        from tenancy.stock_lists import own_sites

        FormPageFilterSet.base_filters["site"].queryset = own_sites
