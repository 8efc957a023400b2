from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from accounts.actions import refuse_keepers_of_the_server
from accounts.managers import normalise_email
from network.hostnames import read_hostname


class OpenSiteForm(forms.Form):
    """What the centre has to know to open a site; the rest the NGO fills in itself."""

    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=150,
        help_text=gettext_lazy("As people call it. It stands on the site until changed there"),
    )
    hostname = forms.CharField(label=gettext_lazy("Address of the site"), max_length=255)
    editor_email = forms.EmailField(
        label=gettext_lazy("E-mail of the editor"),
        help_text=gettext_lazy("An invitation with a link goes there"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hostname"].help_text = _(
            "One word is enough: dymka becomes dymka.%(domain)s"
        ) % {"domain": settings.BASE_DOMAIN}

    def clean_organisation(self) -> str:
        return " ".join(self.cleaned_data["organisation"].split())

    def clean_hostname(self) -> str:
        host = read_hostname(self.cleaned_data["hostname"])
        if Site.objects.filter(hostname=host).exists():
            raise ValidationError(_("There is a site with this name already."))
        return host

    def clean_editor_email(self) -> str:
        email = normalise_email(self.cleaned_data["editor_email"])
        refuse_keepers_of_the_server(email)
        return email
