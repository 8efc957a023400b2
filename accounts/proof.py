"""That it is still the same person at the keyboard: asked anew after a quarter of an hour.

A form that changes what matters (a shop's key, one's address) mixes in `AsksForProof`.
"""

from typing import Any

from django import forms
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import match_token

from accounts.limits import CODES, count_tries, forget_tries
from accounts.requests import PersonRequest

PROVED_AT = "proved_at"
LASTS = 15 * 60


def remember_proof(request: HttpRequest) -> None:
    request.session[PROVED_AT] = int(timezone.now().timestamp())


def is_proved(request: HttpRequest) -> bool:
    return timezone.now().timestamp() - request.session.get(PROVED_AT, 0) < LASTS


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="signing in is a proof")


def _signed_in(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        remember_proof(request)


class AsksForProof(forms.Form):
    """Adds the field `proof` when the person signed in, or proved it, too long ago."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, request: PersonRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if not is_proved(request):
            self.fields["proof"] = forms.CharField(
                label=gettext_lazy("Your password or a code from the phone"),
                help_text=gettext_lazy("You signed in a while ago: show that it is still you"),
                strip=False,
                max_length=4096,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )

    def clean_proof(self) -> str:
        proof: str = self.cleaned_data["proof"]
        user = self.request.user
        count_tries((CODES, str(user.pk)))
        if not (user.check_password(proof) or match_token(user, proof.strip())):
            raise ValidationError(_("That is neither your password nor a code."))
        forget_tries((CODES, str(user.pk)))
        remember_proof(self.request)
        return ""
