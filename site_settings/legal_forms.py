from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

LONGEST = 30_000


class SiteChoice(forms.ModelChoiceField):
    def label_from_instance(self, site: Site) -> str:
        return site.site_name or site.hostname


class WordingForm(forms.Form):
    body = forms.CharField(
        label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 24}), strip=True
    )
    site = SiteChoice(
        label=_("Look at it on the site"),
        queryset=Site.objects.order_by("site_name", "hostname"),
        empty_label=None,
        required=False,
    )
