from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import PasswordResetForm

from accounts.actions import refuse_keepers_of_the_server
from accounts.actions.passwords import ask_for_password_letter
from accounts.managers import normalise_email
from accounts.models import User
from accounts.proof import AsksForProof
from tenancy.models import Role
from tenancy.requests import client_address


class AcceptInvitationForm(SetPasswordMixin, forms.Form):
    """Name and password of a person who comes by an invitation."""

    first_name = forms.CharField(
        label=_("Your first name"), max_length=150, required=False, help_text=_("May be left empty")
    )
    last_name = forms.CharField(label=_("Your last name"), max_length=150, required=False)
    new_password1, new_password2 = SetPasswordMixin.create_password_fields(
        label1=_("Think of a password"), label2=_("The same password once more")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password2")
        return super().clean() or {}


class ForgottenPasswordForm(PasswordResetForm):
    """Django would look for the person and send the letter at once, and the time would tell."""

    def save(self, *, request: HttpRequest, **_options: Any) -> None:
        ask_for_password_letter(email=self.cleaned_data["email"], address=client_address(request))


class CodeForm(forms.Form):
    """A code of the phone, or one of the recovery codes."""

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": "", "spellcheck": "false"}
        ),
    )


ROLES = (
    (Role.EDITOR, _("Editor: pages, pictures, campaigns, thanks; publishes")),
    (Role.ACCOUNTANT, _("Accountant: donations, refunds, requisites, exports; no pages")),
    (Role.MANAGER, _("Manager: all of that, and the people of the site")),
)


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(
        label=_("Role on this site"), choices=ROLES, coerce=Role, widget=forms.RadioSelect
    )


class InviteForm(RoleForm):
    email = forms.EmailField(
        label=_("E-mail"), help_text=_("A letter with a link goes there; it works for two weeks")
    )
    field_order = ("email", "role")

    def __init__(self, *args: Any, of_network: bool, **kwargs: Any) -> None:
        self.of_network = of_network
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        if self.of_network:
            refuse_keepers_of_the_server(email)
        return email


class AddressForm(AsksForProof):
    """Another address to sign in with."""

    email = forms.EmailField(
        label=_("New e-mail"), help_text=_("A letter with a link goes there to confirm it")
    )

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])
