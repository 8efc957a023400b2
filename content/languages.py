"""The languages of a site are those its home page is translated into."""

from typing import Any

from wagtail.models import Locale, Page
from wagtail_localize.views import submit_translations


def languages_of(page: Page) -> list[int]:
    """Locales of the homes of the page's site; of a home itself: all there are."""
    home = Page.objects.ancestor_of(page, inclusive=True).filter(depth=2).first()
    if home is None or home.pk == page.pk:
        return list(Locale.objects.values_list("pk", flat=True))
    return list(home.get_translations(inclusive=True).values_list("locale_id", flat=True))


class OwnLanguagesForm(submit_translations.SubmitTranslationForm):
    """Localize offers every language of the network for every page. A page in a language without a
    home would stand nowhere: translating the home is what adds a language to a site."""

    def __init__(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(instance, *args, **kwargs)
        if isinstance(instance, Page):
            locales = self.fields["locales"]
            locales.queryset = locales.queryset.filter(pk__in=languages_of(instance))


def narrow() -> None:
    submit_translations.SubmitTranslationForm = OwnLanguagesForm
