from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class HostPolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy of the host: strict in public, Wagtail's needs in the admin.

    A preview is drawn by a request to the public host inside the admin's: its answer already
    carries the public policy, and the header that is there stays.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(request, "is_admin_host", False):
            # django-csp reads the exception to the rule from the answer itself.
            vars(response)["_csp_replace"] = settings.ADMIN_POLICY
        return super().process_response(request, response)
