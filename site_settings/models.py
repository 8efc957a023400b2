"""Who the site is. One row per site, kept by the people of the site."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Page, PreviewableMixin, Site

from site_settings.card_numbers import refuse_card_numbers
from site_settings.checks import (
    check_account,
    check_bank,
    check_bic,
    check_channel,
    check_colour,
    check_correspondent_account,
    check_inn,
    check_kpp,
    check_ogrn,
    check_registration,
)
from site_settings.colours import Palette
from site_settings.fonts import Fonts
from site_settings.panels import ColourInput, ColoursPanel, numbers
from site_settings.theme import Face, Header, HomeLayout
from site_settings.widget_hosts import origins_of, read_addresses
from site_settings.zones import TIME_ZONES
from tenancy.managers import ScopedManager, ScopedModel
from tenancy.policies import OwnSitesPolicy

DEFAULT_ACCENT, DEFAULT_SECOND = "#1f6f54", "#d9822b"


def short_text(label: Any, length: int, **options: Any) -> models.CharField:
    return models.CharField(label, max_length=length, blank=True, **options)


def channel(label: Any) -> models.URLField:
    return models.URLField(label, blank=True, validators=[check_channel])


def clause(label: Any) -> models.TextField:
    return models.TextField(label, blank=True, validators=[MaxLengthValidator(3000)])


class SiteSetting(ScopedModel, BaseSiteSetting):
    """A settings row of a site, narrowed like everything else that belongs to one."""

    objects = ScopedManager()

    def clean(self) -> None:
        super().clean()
        refuse_card_numbers(self)

    @classmethod
    def get_permission_policy(cls) -> OwnSitesPolicy:
        return OwnSitesPolicy(cls)

    class Meta:
        abstract = True


@register_setting(icon="group", order=100)
class Organisation(SiteSetting):
    """Requisites: they stand in the footer, in the offer and in letters."""

    full_name = short_text(_("full name"), 250, help_text=_("As in the charter"))
    short_name = short_text(_("short name"), 100, help_text=_("Stands beside the logo"))
    inn = short_text(_("INN"), 12, validators=[check_inn])
    kpp = short_text(_("KPP"), 9, validators=[check_kpp])
    ogrn = short_text(_("OGRN"), 15, validators=[check_ogrn])
    legal_address = short_text(_("legal address"), 250)
    director_name = short_text(_("head of the organisation"), 150)
    email = models.EmailField(_("public e-mail"), blank=True)
    phone = short_text(_("public phone"), 30)
    bank_name = short_text(_("bank"), 150)
    bic = short_text(_("BIC"), 9, validators=[check_bic])
    account_number = short_text(
        pgettext_lazy("in a bank", "account"),
        20,
        validators=[check_account],
        help_text=_("Accounts of non-commercial organisations begin with 40703 as a rule"),
    )
    correspondent_account = short_text(
        _("correspondent account"), 20, validators=[check_correspondent_account]
    )
    rkn_number = short_text(
        _("number in the register of personal-data operators"),
        30,
        help_text=_("Roskomnadzor gives it after the notice about processing personal data"),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        choices=TIME_ZONES,
        default="Europe/Kirov",
        help_text=_("The last day of a campaign ends at midnight of this zone"),
    )
    foreign_agent_notice = models.TextField(
        _("foreign-agent notice"), blank=True, validators=[MaxLengthValidator(1000)]
    )

    is_group = models.BooleanField(
        default=False,
        editable=False,
        help_text="Not a legal person: an organisation of the network receives the gifts",
    )
    offer_clause = clause(_("to the public offer"))
    consent_clause = clause(_("to the consent to the processing of personal data"))
    privacy_clause = clause(_("to the personal data policy"))
    monthly_clause = clause(_("to the consent to monthly donations"))
    news_clause = clause(_("to the consent to news of a campaign"))
    message_clause = clause(_("to the consent for those who write to you"))

    panels = (
        MultiFieldPanel(["full_name", "short_name", "director_name"], heading=_("Name and head")),
        MultiFieldPanel(
            [*numbers("inn", "kpp", "ogrn"), "legal_address"], heading=_("Registration")
        ),
        MultiFieldPanel(["email", "phone"], heading=_("Contacts")),
        MultiFieldPanel(
            ["bank_name", *numbers("bic", "account_number", "correspondent_account")],
            heading=_("Bank"),
        ),
        MultiFieldPanel(["rkn_number", "foreign_agent_notice"], heading=_("Law")),
        MultiFieldPanel(
            [
                f"{kind}_clause"
                for kind in ("offer", "consent", "privacy", "monthly", "news", "message")
            ],
            heading=_("Your own clause in the legal texts"),
            help_text=_(
                "The texts are made by the centre from your requisites. A clause of your own is"
                " added at the end. Each change gives a new dated version; earlier ones stay."
            ),
            classname="collapsed",
        ),
        FieldPanel("time_zone"),
    )

    class Meta:
        verbose_name = _("organisation and requisites")

    def clean(self) -> None:
        super().clean()
        check_registration(inn=self.inn, ogrn=self.ogrn)
        check_bank(
            bic=self.bic,
            account=self.account_number,
            correspondent=self.correspondent_account,
        )

    def clause_of(self, kind: "LegalKind") -> str:
        """The site's own paragraphs of a legal text, as plain as the rest of it."""
        parts = re.split(r"\n\s*\n", str(getattr(self, f"{kind.value}_clause")))
        return "\n\n".join(" ".join(part.split()) for part in parts if part.strip())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def name(self) -> str:
        return self.full_name or self.short_name or self.site.site_name or self.site.hostname


@register_setting(icon="view", order=110)
class Appearance(PreviewableMixin, SiteSetting):
    """The face of the site. What is typed here shows at once in the preview, unsaved."""

    select_related = ("logo",)

    logo = models.ForeignKey(
        "content.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("logo"),
    )
    tagline = short_text(_("tagline"), 150, help_text=_("One line under the name"))
    accent = models.CharField(
        _("main colour"),
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[check_colour],
        help_text=_("Buttons and links"),
    )
    second = models.CharField(
        _("second colour"),
        max_length=7,
        default=DEFAULT_SECOND,
        validators=[check_colour],
        help_text=_("Small touches: the mark of the goal, drawings"),
    )
    fonts = models.CharField(
        _("typefaces"), max_length=20, choices=Fonts.choices, default=Fonts.NEIGHBOUR
    )
    header = models.CharField(
        _("head of the site"), max_length=20, choices=Header.choices, default=Header.LINE
    )
    home = models.CharField(
        _("home page"), max_length=20, choices=HomeLayout.choices, default=HomeLayout.BESIDE
    )
    footer_notice = models.TextField(
        _("notice at the foot of every page"),
        blank=True,
        validators=[MaxLengthValidator(500)],
        help_text=_("For example: who supports you. Leave it empty when there is nothing to say"),
    )

    panels = (
        FieldPanel("logo"),
        FieldPanel("tagline"),
        MultiFieldPanel(
            [
                FieldPanel("accent", widget=ColourInput),
                FieldPanel("second", widget=ColourInput),
                ColoursPanel(),
            ],
            heading=_("Colours"),
        ),
        FieldPanel("fonts", widget=forms.RadioSelect),
        MultiFieldPanel(
            [
                FieldPanel("header", widget=forms.RadioSelect),
                FieldPanel("home", widget=forms.RadioSelect),
            ],
            heading=_("Layout"),
        ),
        FieldPanel("footer_notice"),
    )

    class Meta:
        verbose_name = _("appearance")

    @property
    def face(self) -> Face:
        colours = (self.accent.lower(), self.second.lower())
        return Face(*colours, fonts=self.fonts, header=self.header, home=self.home)

    def palette(self, *, night: bool = False) -> Palette:
        return self.face.palette(night=night)

    @property
    def theme_css_url(self) -> str:
        return reverse("site_theme_css", args=[self.face.slug])

    @property
    def first_fonts(self) -> list[str]:
        """Files worth fetching before the style sheet asks for them."""
        return self.face.pair.first_urls

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("home", _("Home page")), ("inside", _("A page inside"))]

    def make_preview_request(
        self,
        original_request: HttpRequest | None = None,
        preview_mode: str | None = None,
        extra_request_attrs: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A page of the site as it would look. Wagtail puts this row, unsaved, into the request."""
        page = self._shown_page(preview_mode)
        return page.make_preview_request(
            original_request, page.default_preview_mode, extra_request_attrs
        )

    def _shown_page(self, preview_mode: str | None) -> Any:
        home = self.site.root_page
        if preview_mode == "inside":
            # The deepest page is a campaign's when there is one.
            inside = Page.objects.live().descendant_of(home).order_by("-depth", "path").first()
            return (inside or home).specific
        return home.specific


@register_setting(icon="link", order=120)
class Channels(SiteSetting):
    """Where else people find the organisation."""

    vk_url = channel(_("VK"))
    max_url = channel(_("MAX"))
    ok_url = channel(_("Odnoklassniki"))
    telegram_url = channel(_("Telegram"))
    widget_addresses = models.TextField(
        _("addresses of your sites where the widget stands"),
        blank=True,
        validators=[MaxLengthValidator(3000)],
        help_text=_("One a line: site.ru. With www and without are two. Others cannot show it"),
    )

    panels = ("vk_url", "max_url", "ok_url", "telegram_url", "widget_addresses")

    class Meta:
        verbose_name = _("channels")

    def clean(self) -> None:
        super().clean()
        try:
            self.widget_addresses = read_addresses(self.widget_addresses)
        except ValidationError as error:
            raise ValidationError({"widget_addresses": error}) from None

    @property
    def widget_origins(self) -> list[str]:
        """Whose pages may frame our widgets, as `frame-ancestors` names them."""
        return origins_of(self.widget_addresses)


class LegalKind(models.TextChoices):
    OFFER = "offer", _("Public offer on donations")
    CONSENT = "consent", _("Consent to the processing of personal data")
    PRIVACY = "privacy", _("Personal data policy")
    MONTHLY = "monthly", _("Consent to monthly donations")
    NEWS = "news", _("Consent to news of a campaign")
    MESSAGE = "message", _("Consent to the processing of personal data in messages")


class LegalWording(models.Model):
    """A wording of the centre's for all sites, with words to fill in. Added, never changed."""

    kind = models.CharField(max_length=20, choices=LegalKind.choices)
    body = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("kind", "-id"), name="wording_in_force"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.published_at:%d.%m.%Y}"


class LegalText(ScopedModel):
    """A version of a site's legal text, word for word. Rows are added, never changed."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=LegalKind.choices)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body, hex")
    body = models.TextField()
    published_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        ordering = ("-published_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("site", "kind", "digest"), name="one_row_per_version_of_a_legal_text"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.published_at:%d.%m.%Y}"

    def get_absolute_url(self) -> str:
        return reverse("legal_text_version", args=[self.kind, self.pk])


class RecipientAgreement(ScopedModel):
    """An organisation of the network has agreed to receive the gifts of a group's site.

    Rows are added and withdrawn, never changed: gifts of that time stay in its books.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.CharField(_("who agreed"), max_length=150)
    agreed_on = models.DateField(_("when"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("site",),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_recipient_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(site=models.F("recipient")), name="nobody_receives_for_itself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id} → {self.recipient_id}"
