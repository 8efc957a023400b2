"""The languages of a site are those its home page is translated into; visitors see those whose
home is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Revision, Site
from wagtail.query import PageQuerySet
from wagtail_localize.models import TranslationSource
from wagtail_localize.operations import translate_object
from wagtail_localize.views import submit_translations, update_translations

from accounts.models import User
from tenancy.models import AuditEntry


@dataclass(frozen=True)
class SiteLanguage:
    """A language a site speaks or could speak; without a `home` it is not switched on."""

    code: str
    name: str
    home: Page | None


def other_languages(site: Site) -> list[SiteLanguage]:
    """All languages but the main one of the site."""
    homes = {
        page.locale.language_code: page
        for page in site.root_page.get_translations().select_related("locale")
    }
    main = site.root_page.locale.language_code
    return [
        SiteLanguage(code, str(name), homes.get(code))
        for code, name in settings.WAGTAIL_CONTENT_LANGUAGES
        if code != main
    ]


def switch_language_on(*, site: Site, code: str, by: User) -> Page:
    """The home page in that language: a draft to be translated and published. What was there
    before is taken up again. Raises ValidationError when the home page cannot be copied.
    """
    with transaction.atomic():
        locale, _created = Locale.objects.get_or_create(language_code=code)
        home = site.root_page.get_translation_or_none(locale)
        if home is None:
            # Localize says nothing of a page that it could not save.
            translate_object(site.root_page.specific, [locale], user=by)
            home = site.root_page.get_translation_or_none(locale)
        if home is None:
            raise ValidationError(
                _(
                    "The home page cannot be copied as it is. Open it, publish it and mend what is "
                    "marked there; then switch the language on."
                )
            )
        if not home.live:
            AuditEntry.objects.create(
                site=site, by=by, what="language switched on", details={"language": code}
            )
        transaction.on_commit(Site.clear_site_root_paths_cache)
    return home


def switch_language_off(*, site: Site, code: str, by: User) -> None:
    """Its pages are no longer public, now or by the clock; the translations stay and can be
    published again."""
    with transaction.atomic():
        home = site.root_page.get_translations().filter(locale__language_code=code).first()
        if home is None:
            return
        pages = home.get_descendants(inclusive=True)
        _forget_schedules(pages, by)  # first: a page with a date is locked
        for page in pages.live():
            page.unpublish(user=by)
        AuditEntry.objects.create(
            site=site, by=by, what="language switched off", details={"language": code}
        )
        transaction.on_commit(Site.clear_site_root_paths_cache)


def _forget_schedules(pages: PageQuerySet, by: User) -> None:
    """What is to be published later would bring the language back."""
    ids = [str(pk) for pk in pages.values_list("pk", flat=True)]
    planned = Revision.page_revisions.filter(object_id__in=ids, approved_go_live_at__isnull=False)
    for revision in planned:
        revision.approved_go_live_at = None
        revision.save(user=by, update_fields=["approved_go_live_at"])  # Wagtail logs it so


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


class SubmitOwnPage(submit_translations.SubmitPageTranslationView):
    """Localize asks for one permission for all pages; here the page itself is asked as well."""

    def get_object(self) -> Page:
        page: Page = super().get_object()
        if not page.permissions_for_user(self.request.user).can_edit():
            raise PermissionDenied
        return page


class UpdateOwnTranslations(update_translations.UpdateTranslationsView):
    """The form can publish in every language, so each page is asked."""

    def get_object(self) -> TranslationSource:
        source: TranslationSource = super().get_object()
        for page in _pages_of(source):
            may = page.permissions_for_user(self.request.user)
            if not (may.can_edit() and may.can_publish()):
                raise PermissionDenied
        return source


def _pages_of(source: TranslationSource) -> Iterator[Page]:
    yield from Page.objects.filter(translation_key=source.object_id).specific()


def narrow() -> None:
    submit_translations.SubmitTranslationForm = OwnLanguagesForm
    submit_translations.SubmitPageTranslationView = SubmitOwnPage
    update_translations.UpdateTranslationsView = UpdateOwnTranslations
