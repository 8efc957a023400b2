"""A form with which visitors write to the organisation, and what they have written."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.forms import FormBuilder
from wagtail.contrib.forms.models import AbstractFormField, AbstractFormSubmission, FormMixin
from wagtail.models import Page, Site, TranslatableMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField, TranslatableField

from content.models import BasePage
from home.contact_forms import FieldBuilder, FormPageForm, form_context
from site_settings.models import LegalText
from tenancy.managers import ScopedManager
from tenancy.outbox import Owed

# What can be asked. No files: a stranger's file on an accountant's desk is a trap.
FIELD_TYPES = (
    ("singleline", _("A line")),
    ("multiline", _("Several lines")),
    ("email", _("E-mail")),
    ("date", _("Date")),
    ("dropdown", _("One of a list")),
    ("radio", _("One of several, all seen")),
    ("checkboxes", _("Several of several")),
    ("checkbox", _("Yes or no")),
)
LONGEST_THANKS = 400


class FormField(TranslatableMixin, AbstractFormField):
    """One question of a form."""

    page = ParentalKey("home.FormPage", on_delete=models.CASCADE, related_name="form_fields")
    field_type = models.CharField(_("kind of answer"), max_length=16, choices=FIELD_TYPES)

    panels: ClassVar = [
        FieldPanel("label"),
        FieldPanel("help_text"),
        FieldPanel("required"),
        FieldPanel("field_type", classname="formbuilder-type"),
        FieldPanel("choices", classname="formbuilder-choices"),
    ]
    override_translatable_fields: ClassVar = [
        SynchronizedField("clean_name", overridable=False),
        SynchronizedField("default_value", overridable=False),
    ]

    class Meta(AbstractFormField.Meta, TranslatableMixin.Meta):
        pass


class FormPage(FormMixin, BasePage):
    """«Write to us», or any other short form. It is sent to `home.contact_views.send`."""

    lead = models.CharField(_("lead"), max_length=400, blank=True)
    thanks = models.CharField(
        _("what is said when the message is sent"),
        max_length=LONGEST_THANKS,
        blank=True,
        help_text=_("For example: when you will answer"),
    )

    base_form_class = FormPageForm
    form_builder: ClassVar[type[FormBuilder]] = FieldBuilder
    parent_page_types: ClassVar = ["home.HomePage", "home.StandardPage", "home.ContactsPage"]
    subpage_types: ClassVar[list[str]] = []
    landing_page_template = "home/form_sent.html"
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("lead"),
        InlinePanel("form_fields", label=_("question"), heading=_("Questions"), min_num=1),
        FieldPanel("thanks"),
    ]
    override_translatable_fields: ClassVar = [TranslatableField("slug")]
    search_fields: ClassVar = [*Page.search_fields, index.AutocompleteField("lead")]

    class Meta:
        verbose_name = _("form to write to us")

    def get_form_parameters(self) -> dict[str, Any]:
        # Whatever an editor calls a question, it is none of the traps' fields.
        return {"prefix": "f"}

    def get_submission_class(self) -> type["FormMessage"]:
        return FormMessage

    def get_submissions(self) -> models.QuerySet["FormMessage"]:
        return FormMessage.objects.filter(page=self).select_related("site__organisation")

    def get_submissions_list_view_class(self) -> Any:
        from home.message_views import MessagesView  # noqa: PLC0415 -- it needs all pages loaded

        return MessagesView

    def get_data_fields(self) -> list[tuple[str, Any]]:
        return [*super().get_data_fields(), ("letter", _("Letter to you"))]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return Page.serve(self, request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return {**context, **form_context(request, self)}


class FormMessage(Owed, AbstractFormSubmission):
    """What somebody wrote, and the letter about it that is owed to the organisation.

    `key` makes a repeated submit one message. Deleted by staff, or a year later by the worker.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    reply_to = models.EmailField(blank=True)
    # Pairs and no mapping: PostgreSQL does not keep the order of one.
    labels = models.JSONField(default=list, help_text="[name of a field, the question as it was]")
    consent = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()

    class Meta:
        verbose_name = pgettext_lazy("of a visitor", "message")
        verbose_name_plural = _("messages")
        ordering = ("-submit_time", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("site", "key"), name="one_message_per_submit"),
        )
        indexes = (models.Index(fields=("sent_at", "next_try_at"), name="message_owed"),)

    def __str__(self) -> str:
        return f"{self.site_id} {self.submit_time:%Y-%m-%d %H:%M}"

    @property
    def answers(self) -> list[tuple[str, str]]:
        """(question, answer) in the order they were asked, as plain words."""
        return [(label, _words(self.form_data[name])) for name, label in self.labels]

    def get_data(self) -> dict[str, Any]:
        zone = self.site.organisation.zone
        sent = timezone.localtime(self.sent_at, zone) if self.sent_at else None
        return {
            **{name: _words(value) for name, value in self.form_data.items()},
            "submit_time": timezone.make_naive(self.submit_time, zone),
            "letter": sent.strftime("%d.%m.%Y %H:%M") if sent else gettext("not sent yet"),
        }


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return ", ".join(value) if isinstance(value, list) else str(value or "")
