from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions import accept_invitation, existing_user, find_invitation, lets_in
from accounts.forms import AcceptInvitationForm
from accounts.models import User


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an invitation: a new person sets a password, somebody with an account just agrees."""
    row = find_invitation(token)
    if row is None or not lets_in(row):
        status = 410 if row else 404
        return render(request, "accounts/invitation_void.html", {"row": row}, status=status)
    known = existing_user(row)
    form = AcceptInvitationForm(request.POST or None, user=known or User(email=row.email))
    if request.method == "POST" and known is None and form.is_valid():
        user = accept_invitation(
            invitation=row,
            password=form.cleaned_data["new_password1"],
            first_name=form.cleaned_data["first_name"],
            last_name=form.cleaned_data["last_name"],
        )
        return _welcome(request, user)
    # Somebody with an account proves it is theirs by being signed in: the link alone is not enough.
    if request.method == "POST" and known is not None and request.user.pk == known.pk:
        return _welcome(request, accept_invitation(invitation=row))
    return render(
        request, "accounts/invitation.html", {"invitation": row, "form": form, "known": known}
    )


def _welcome(request: HttpRequest, user: User | None) -> HttpResponse:
    if user is None:
        return render(request, "accounts/invitation_void.html", status=410)
    login(request, user, backend="accounts.backends.EmailBackend")
    return redirect("wagtailadmin_home")
