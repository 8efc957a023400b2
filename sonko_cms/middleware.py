from csp.constants import NONE, SELF
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
            vars(response)["_csp_replace"] = _admin_policy(request)
        else:
            vars(response)["_csp_update"] = {
                # A block of the page said whose player it may open,
                "frame-src": getattr(request, "frame_hosts", None),
                # a widget, on whose pages it may stand.
                "frame-ancestors": getattr(request, "framed_by", None),
            }
        return super().process_response(request, response)


def _admin_policy(request: HttpRequest) -> dict[str, list[str]]:
    """Nobody puts the admin into a frame, but for the previews it frames itself. A screen may say
    whose pages it frames besides."""
    match = request.resolver_match
    framed = [SELF] if match and "preview" in match.view_name else [NONE]
    frames = [*settings.ADMIN_POLICY["frame-src"], *getattr(request, "frame_hosts", ())]
    return {**settings.ADMIN_POLICY, "frame-ancestors": framed, "frame-src": frames}
