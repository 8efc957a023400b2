"""What a gift is for, in the language of the page or letter.

The books, the bank and the payment service keep the purpose in the site's main language; a donor
who reads a translated page is told by that page's own title.
"""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from donations.models import Fund


def purpose_for(fund: Fund, recorded: str = "") -> str:
    """`recorded`: the purpose as a donation keeps it, told where no translation is public."""
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE:
        return recorded or fund.purpose
    if fund.key is None:
        return _("the work of the organisation under its charter")
    translated = Page.objects.live().filter(
        translation_key=fund.key, locale__language_code=language
    )
    return translated.values_list("title", flat=True).first() or recorded or fund.purpose
