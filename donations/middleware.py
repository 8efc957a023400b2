from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from donations.providers import gate


class ProviderCallsMiddleware:
    """Somebody waits for this answer, and the thread is needed for pages: calls are kept short."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with gate.calls(gate.IN_A_REQUEST):
            return self.get_response(request)
