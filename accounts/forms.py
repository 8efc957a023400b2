from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.utils.translation import gettext_lazy as _

from accounts.models import User


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
