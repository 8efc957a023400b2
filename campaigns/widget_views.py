"""What other sites ask of us: the widgets, the script that places them, and oEmbed."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from wagtail.models import Site

from campaigns.widgets import Code, Kind, Subject, parents_of, subject_at, subject_of
from donations.closed import why_closed
from donations.requests import site_of
from donations.ways import ways_for
from site_settings.models import Appearance, Organisation
from tenancy.requests import HostedRequest

SCRIPT = Path(__file__).parent / "static" / "campaigns" / "embed.js"
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
WIDTH = 480


@xframe_options_exempt  # frame-ancestors says it better: only the NGO's own pages
@require_safe
def widget(request: HostedRequest, name: str, kind: str) -> HttpResponse:
    """A card, a button or a form in a frame. What is gone says so; what never was is 404."""
    site = site_of(request)
    request.framed_by = parents = parents_of(site)
    subject = subject_of(site, name) if kind in Kind else None
    context = {"parents": " ".join(parents), "kind": kind}
    if subject is None:
        return render(request, "campaigns/widgets/absent.html", context, status=404)
    context |= _shown(request, subject, Kind(kind))
    response = render(request, f"campaigns/widgets/{context['shape']}.html", context)
    response["Cache-Control"] = f"public, max-age={MINUTE}"
    return response


def _shown(request: HttpRequest, subject: Subject, kind: Kind) -> dict[str, Any]:
    """`shape` is what is drawn: a form that takes nothing is a card that says why."""
    progress = subject.progress(ways_for(request))
    context: dict[str, Any] = {
        "subject": subject,
        "campaign": subject.page,
        "is_open": progress.can_give,
        "notice": _notice(subject),
        "short_notice": _notice(subject) if subject.is_gone else progress.closed_text,
        "shape": kind.value,
    }
    if subject.page is not None:
        context["progress"] = progress
        context["lead"] = subject.page.lead
    elif subject.is_general:
        context["lead"] = Appearance.for_request(request).tagline
    if kind == Kind.FORM:
        is_told = progress.is_open and not subject.is_gone  # a closed one says so by itself
        form = subject.form(request) if is_told else {}
        if progress.can_give:
            return {**context, **form}
        context["notice"] = form.get("closed_text") or context["notice"]
        context["shape"] = "card"
    return context


def _notice(subject: Subject) -> str:
    """What a card without progress has to say instead of asking."""
    if subject.is_gone:
        return _("This collection is not shown now. Thank you to all who helped.")
    return why_closed(subject.site) if subject.is_general else ""


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """One file for all sites: it finds our host in its own address."""
    response = HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={DAY}"
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """The card of a campaign by the address of its page, as oembed.com has it."""
    if request.GET.get("format", "json") != "json":
        return _refused(501)
    url = request.GET.get("url", "")
    try:
        width = _at_most(request, "maxwidth", WIDTH)
        height = _at_most(request, "maxheight", Kind.CARD.height)
    except ValueError:
        return _refused(400)
    if not url:
        return _refused(400)
    subject = subject_at(site_of(request), url)
    if subject is None:
        return _refused(404)
    response = JsonResponse(_as_oembed(subject, width, height))
    response["Cache-Control"] = f"public, max-age={HOUR}"
    return response


def _refused(status: int) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain; charset=utf-8")


def _at_most(request: HttpRequest, name: str, usual: int) -> int:
    """The side in pixels. Raises ValueError for what is no size."""
    text = request.GET.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text)):
        raise ValueError(name)
    return min(int(text), usual)


def _as_oembed(subject: Subject, width: int, height: int) -> dict[str, Any]:
    site: Site = subject.site
    return {
        "version": "1.0",
        "type": "rich",
        "title": subject.title,
        "provider_name": Organisation.for_site(site).name,
        "provider_url": f"{site.root_url}/",
        "cache_age": HOUR,
        "width": width,
        "height": height,
        "html": Code(subject, Kind.CARD).frame(width=str(width), height=height),
    }
