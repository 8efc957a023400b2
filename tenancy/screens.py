"""Our own screens of the admin wear Wagtail's header: breadcrumbs first, the title last."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

Crumb = Mapping[str, str]  # {"url": …, "label": …}


def render_screen(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: str,
    icon: str,
    trail: Sequence[Crumb] = (),
    subtitle: str = "",
    buttons: Sequence[Any] = (),
) -> HttpResponse:
    """Draw a template that extends `wagtailadmin/generic/base.html`, `trail` before its title."""
    home = {"url": reverse("wagtailadmin_home"), "label": _("Home")}
    here = {"url": "", "label": title, "sublabel": subtitle}
    header = {
        "breadcrumbs_items": [home, *trail, here],
        "header_title": f"{title}: {subtitle}" if subtitle else title,
        "header_icon": icon,
        "header_buttons": buttons,
    }
    return render(request, template, {**header, **context})
