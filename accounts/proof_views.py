"""Showing once more who one is, before a list leaves as a file."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from wagtail.admin.utils import get_valid_next_url_from_request

from accounts.proof import AsksForProof, is_proved
from accounts.requests import PersonRequest
from tenancy.screens import render_screen


@sensitive_post_parameters()
def show_proof(request: PersonRequest) -> HttpResponse:
    form = AsksForProof(request.POST or None, request=request)
    if is_proved(request) or (request.method == "POST" and form.is_valid()):
        return redirect(get_valid_next_url_from_request(request) or "wagtailadmin_home")
    return render_screen(
        request,
        "accounts/proof.html",
        {"form": form, "next": get_valid_next_url_from_request(request)},
        title=_("It is still you"),
        icon="lock",
    )
