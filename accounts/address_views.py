"""Changing the address one signs in with."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import addresses as actions
from accounts.forms import AddressForm
from accounts.requests import PersonRequest
from tenancy.screens import Crumb, render_screen


def _to_account() -> Crumb:
    return {"url": reverse("wagtailadmin_account"), "label": _("Your account")}


@sensitive_post_parameters()
def change(request: PersonRequest) -> HttpResponse:
    form = AddressForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_to_confirm(user=request.user, email=form.cleaned_data["email"])
        except ValidationError as error:
            form.add_error("email", error)
        else:
            text = _("If the address %(email)s is free, a letter with a link is on its way there.")
            messages.success(request, text % {"email": form.cleaned_data["email"]})
            return redirect("wagtailadmin_account")
    return render_screen(
        request,
        "accounts/address.html",
        {"form": form, "button": _("Send the letter")},
        title=_("Change the e-mail"),
        icon="mail",
        trail=[_to_account()],
    )


def confirm(request: PersonRequest, token: str) -> HttpResponse:
    """The link of the letter asks once more: programs that check letters follow links, too."""
    if request.method == "POST":
        try:
            actions.confirm(user=request.user, token=token)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("The e-mail is changed: sign in with it from now on."))
        return redirect("wagtailadmin_account")
    return render_screen(
        request,
        "accounts/address.html",
        {"form": (), "button": _("Yes, this is my new address")},
        title=_("Change the e-mail"),
        icon="mail",
        trail=[_to_account()],
    )
