"""Connecting a phone, showing its code after the password, recovery codes, turning it off."""

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp import login as remember_device
from django_otp.models import Device

from accounts.actions import second_factor as actions
from accounts.forms import CodeForm
from accounts.proof import remember_proof
from accounts.requests import PersonRequest
from tenancy.screens import render_screen


@sensitive_post_parameters()
@never_cache
def check(request: PersonRequest) -> HttpResponse:
    """The page after the password."""
    if not actions.has_second_factor(request.user):
        return redirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = _device(request, form)
        if device is not None:
            _let_in(request, device)
            return redirect(_next(request))
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/second_factor_check.html", context)


@sensitive_post_parameters()
@never_cache
def second_factor(request: PersonRequest) -> HttpResponse:
    """How it stands with the second factor; without one, the page that connects a phone."""
    if not actions.has_second_factor(request.user):
        return _set_up(request)
    return _screen(request, CodeForm())


def _screen(request: PersonRequest, form: CodeForm) -> HttpResponse:
    context = {
        "form": form,
        "codes_left": actions.recovery_codes_left(request.user),
        "must": actions.must_have_second_factor(request.user),
    }
    return render_screen(
        request,
        "accounts/second_factor.html",
        context,
        title=_("Sign-in with a code"),
        icon="key",
        trail=[{"url": reverse("wagtailadmin_account"), "label": _("Your account")}],
    )


def _set_up(request: PersonRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    sealed = request.POST.get("key", "")
    try:
        device = actions.proposed_device(request.user, sealed) if sealed else None
    except ValidationError as error:
        device = None
        if form.is_valid():
            form.add_error("code", error)
    if request.method == "POST" and device is not None and form.is_valid():
        try:
            known, codes = actions.enrol(
                user=request.user, device=device, code=form.cleaned_data["code"]
            )
        except ValidationError as error:
            form.add_error("code", error)
        else:
            _let_in(request, known)
            return _show_codes(request, codes)
    if device is None:
        sealed = actions.propose_key(request.user)
        device = actions.proposed_device(request.user, sealed)
    address = device.config_url
    context = {
        "form": form,
        "key": sealed,
        "qr": segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=3),
        "address": address,
        "secret": _in_fours(address),
        "must": actions.must_have_second_factor(request.user),
        "next": _next(request),
    }
    return render(request, "accounts/second_factor_set_up.html", context)


def _in_fours(address: str) -> str:
    """The secret as one types it: the app's own letters, four by four."""
    secret = address.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _show_codes(request: PersonRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "host": request.get_host(), "next": _next(request)}
    return render(request, "accounts/second_factor_codes.html", context)


@sensitive_post_parameters()
@never_cache
@require_POST
def new_codes(request: PersonRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if _device(request, form) is None:
        return _screen(request, form)
    return _show_codes(request, actions.make_recovery_codes(user=request.user))


@sensitive_post_parameters()
@never_cache
@require_POST
def turn_off(request: PersonRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if _device(request, form) is None:
        return _screen(request, form)
    actions.turn_off(user=request.user)
    messages.success(request, _("The phone is disconnected. No code is asked for now."))
    return redirect("second_factor")


def _device(request: PersonRequest, form: CodeForm) -> Device | None:
    """The device whose code was typed; None, and the form says why."""
    if not form.is_valid():
        return None
    try:
        return actions.check_code(user=request.user, code=form.cleaned_data["code"])
    except ValidationError as error:
        form.add_error("code", error)
        return None


def _let_in(request: PersonRequest, device: Device) -> None:
    remember_device(request, device)
    remember_proof(request)
    # What the session was called before the code, somebody might have seen.
    request.session.cycle_key()


def _next(request: PersonRequest) -> str:
    """Where the person was going: inside the admin only."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=True):
        return target
    return reverse("wagtailadmin_home")
