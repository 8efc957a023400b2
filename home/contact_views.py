"""A visitor writes to the organisation: the same guards as of a gift, and no cookie."""

import hashlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Site

from donations.requests import body_length, is_same_origin, site_of
from donations.tokens import fresh_content, is_too_quick, key_of_single_use, single_use
from home.actions import Written, take_message
from home.contact import FormPage
from home.contact_forms import SALT, Email, Envelope, form_context
from site_settings.legal import are_known_wordings
from site_settings.models import LegalKind
from tenancy.counters import Limit, take
from tenancy.models import SiteState, state_of
from tenancy.requests import client_address

LARGEST_FORM = 128 * 1024
SEE_OTHER = 303
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
OF_ADDRESS = Limit("message/address", most=5, seconds=600)
OF_SITE = Limit("message/site", most=60, seconds=3600)  # then everybody is asked once more


@csrf_exempt  # no cookie, no session: origin, signed token and limits protect this form
@never_cache
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a message: errors beside the fields, a question when in doubt, else thanks."""
    if not is_same_origin(request):
        return render(request, "home/form_forbidden.html", status=403)
    if request.content_type not in FORM_TYPES:
        return HttpResponse(status=415)
    if body_length(request) > LARGEST_FORM:
        return HttpResponse(status=413)
    site, page = site_of(request), _page_or_404(request, pk)
    if state_of(site) == SiteState.ARCHIVED:
        return _again(request, page, page.get_form(page=page), Envelope(), status=409)
    form, envelope = page.get_form(request.POST, page=page), Envelope(request.POST)
    sound = [form.is_valid(), envelope.is_valid()]
    if not all(sound):
        return _again(request, page, form, envelope, status=422)
    if not are_known_wordings(site, {LegalKind.MESSAGE: envelope.shown_text}, [LegalKind.MESSAGE]):
        return _read_once_more(request, page, form, envelope)
    key = _key(request, page, site, form, envelope)
    if key is None:
        return _ask(request, page, form, envelope)
    if take(OF_ADDRESS, client_address(request)):
        return _too_many(request, page, form, envelope)
    if not key.startswith("once:") and take(OF_SITE, str(site.pk)):
        return _ask(request, page, form, envelope)
    take_message(page=page, site=site, written=_written(form, envelope, key))
    answer = redirect("message_sent", page.pk)
    answer.status_code = SEE_OTHER
    return answer


@require_safe
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Thanks. The same page for everybody: it tells nothing of what was written."""
    page = _page_or_404(request, pk)
    return render(request, page.landing_page_template, {"page": page})


def _page_or_404(request: HttpRequest, pk: int) -> FormPage:
    """A form of this site in any of its languages."""
    home = site_of(request).root_page
    page = FormPage.objects.live().filter(pk=pk).select_related("locale").first()
    if page is None:
        raise Http404
    homes = home.get_translations(inclusive=True).values_list("path", flat=True)
    if not page.path.startswith(tuple(homes)):
        raise Http404
    return page


def _key(
    request: HttpRequest, page: FormPage, site: Site, form: Any, envelope: Envelope
) -> str | None:
    """What makes the same words one message; None when a person has to press once more."""
    token = envelope.cleaned_data["token"]
    once = key_of_single_use(token, _about(page))
    known = once is not None or fresh_content(token, salt=SALT) == [site.pk, page.pk]
    if not known or envelope.cleaned_data["website"] or is_too_quick(token):
        return None
    if once is not None:
        return once
    day = timezone.now().date().isoformat()
    words = json.dumps([page.pk, day, form.cleaned_data], sort_keys=True, ensure_ascii=False)
    return f"typed:{hashlib.sha256(words.encode()).hexdigest()}"


def _about(page: FormPage) -> str:
    return f"form:{page.pk}"


def _written(form: Any, envelope: Envelope, key: str) -> Written:
    addresses = [
        form.cleaned_data[name] for name, field in form.fields.items() if isinstance(field, Email)
    ]
    return Written(
        answers=form.cleaned_data,
        labels=[(name, str(field.label)) for name, field in form.fields.items()],
        reply_to=next(filter(None, addresses), ""),
        key=key,
        shown_text=envelope.shown_text,
    )


def _again(
    request: HttpRequest,
    page: FormPage,
    form: Any,
    envelope: Envelope,
    *,
    status: int,
    **more: Any,
) -> HttpResponse:
    context = {"page": page, **form_context(request, page, form, envelope), "again": True, **more}
    return render(request, page.template, context, status=status)


def _ask(request: HttpRequest, page: FormPage, form: Any, envelope: Envelope) -> HttpResponse:
    """Everything is kept; a person presses once more, a program seldom does."""
    notice = _("Nothing has been sent yet. Please look once more and press the button.")
    return _again(
        request, page, form, envelope, status=200, notice=notice, token=single_use(_about(page))
    )


def _read_once_more(
    request: HttpRequest, page: FormPage, form: Any, envelope: Envelope
) -> HttpResponse:
    envelope.data = {name: request.POST.get(name, "") for name in Envelope.TRAPS}
    envelope.add_error(
        "consent", _("This text has changed since. Read it once more and tick the box.")
    )
    return _again(request, page, form, envelope, status=422)


def _too_many(request: HttpRequest, page: FormPage, form: Any, envelope: Envelope) -> HttpResponse:
    notice = _(
        "There have been too many messages from here just now. Nothing was sent; your words are"
        " kept below. Please press the button again in ten minutes."
    )
    answer = _again(request, page, form, envelope, status=429, notice=notice)
    answer["Retry-After"] = str(OF_ADDRESS.seconds)
    return answer
