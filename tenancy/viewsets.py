"""The base of our admin screens.

Wagtail's ModelViewSet checks the permission for the model, not for the row. Here rows come from
the narrowed manager, and the permission is asked for each row's own site, so somebody who keeps
the books of A and writes the pages of B sees A's books only. Another site's row is 404.
"""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

SEES = ("view", "change")


class SiteIndexView(generic.IndexView):
    """Only rows of sites where the user may see such rows. No export unless columns are named."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "export" in request.GET and not self.list_export:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self) -> models.QuerySet:
        policy = policy_registry.get_by_type(self.model)
        return policy.instances_user_has_any_permission_for(self.request.user, SEES)


class SiteViewSet(ModelViewSet):
    """A list of a site's rows. Changing them is the work of actions, on screens of their own."""

    index_view_class = SiteIndexView
    copy_view_enabled = False
    add_to_reference_index = False

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        unused = ("add", "edit", "delete", "history", "usage")
        return super().get_common_view_kwargs(
            **{f"{name}_url_name": None for name in unused}, **kwargs
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
