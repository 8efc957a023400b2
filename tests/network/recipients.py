"""A group and the organisation that receives for it."""

from dataclasses import dataclass

from wagtail.models import Site

from donations.models import Fund
from site_settings.models import RecipientAgreement

REQUISITES = {
    "full_name": "АНО «Получатель»",
    "inn": "7707083893",
    "kpp": "773601001",
    "bank_name": "Банк",
    "bic": "044525225",
    "account_number": "40703810938000000000",
    "correspondent_account": "30101810400000000225",
}


@dataclass
class World:
    group: Site
    recipient: Site
    fund: Fund
    agreement: RecipientAgreement
