"""The centre's screens of legal texts: one wording for all sites."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages

from accounts.requests import PersonRequest
from site_settings.legal import preview, publish_wording, wording_in_force
from site_settings.legal_forms import WordingForm
from site_settings.models import LegalKind, LegalWording
from site_settings.wording import PLACEHOLDERS
from tenancy.scope import is_unrestricted
from tenancy.screens import Crumb, render_screen


def _of_the_centre_only() -> None:
    """404, not 403: an NGO's editor need not learn that there is such a screen."""
    if not is_unrestricted():
        raise Http404


def _published(kind: LegalKind) -> QuerySet[LegalWording]:
    return LegalWording.objects.filter(kind=kind).select_related("by")


def wordings(request: HttpRequest) -> HttpResponse:
    _of_the_centre_only()
    rows = [(kind, _published(kind).first()) for kind in LegalKind]
    return render_screen(
        request,
        "site_settings/admin/wordings.html",
        {"rows": rows},
        title=_("Legal texts"),
        icon="doc-full",
    )


def wording(request: PersonRequest, kind: str) -> HttpResponse:
    """Write, look at a site with it, publish."""
    _of_the_centre_only()
    if kind not in LegalKind:
        raise Http404
    text, shown = LegalKind(kind), ""
    form = WordingForm(request.POST or None, initial={"body": wording_in_force(text)})
    if request.method == "POST" and form.is_valid():
        try:
            if "publish" in request.POST:
                publish_wording(kind=text, body=form.cleaned_data["body"], by=request.user)
                messages.success(request, _("The new version is in force on all sites."))
                return redirect("legal_wordings")
            site = form.cleaned_data["site"]
            shown = preview(body=form.cleaned_data["body"], site=site, kind=text) if site else ""
        except ValidationError as error:
            form.add_error("body", error)
    context = {
        "form": form,
        "shown": shown,
        "shown_for": form.cleaned_data.get("site") if shown else None,
        "placeholders": [(name, label) for name, (label, _field) in PLACEHOLDERS.items()],
        "versions": _published(text)[:20],
    }
    trail: list[Crumb] = [{"url": reverse("legal_wordings"), "label": _("Legal texts")}]
    return render_screen(
        request,
        "site_settings/admin/wording.html",
        context,
        title=str(text.label),
        icon="doc-full",
        trail=trail,
    )
