"""News of a campaign by e-mail: asked for on its page, confirmed and stopped by a link."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from donations.actions.followers import (
    ask_to_follow,
    can_follow,
    confirm,
    leave,
    seconds_to_wait,
)
from donations.follow_forms import FollowForm, follow_context
from donations.models import Follower, Fund
from donations.purpose import purpose_for
from donations.requests import body_length, is_same_origin, site_of
from donations.tokens import is_page_token, is_too_quick, key_of_once_token
from tenancy.requests import client_address

LARGEST_FORM = 64 * 1024
SEE_OTHER, FORBIDDEN, NOT_FOUND, CONFLICT = 303, 403, 404, 409
TOO_LARGE, UNPROCESSABLE, TOO_MANY = 413, 422, 429


@csrf_exempt  # no cookie, no session: origin, signed token and limits protect this form
@never_cache
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for news. The answer is the same whether the address is known or not."""
    if body_length(request) > LARGEST_FORM:
        return HttpResponse(status=TOO_LARGE)
    fund = _fund(request)
    form = FollowForm(request.POST, fund=fund)
    if not can_follow(fund.site):
        return _again(request, form, "", status=CONFLICT)
    if not is_same_origin(request):
        trouble = _("The form came from another page. Please send it from here.")
        return _again(request, form, trouble, status=FORBIDDEN)
    if not form.is_valid():
        return _again(request, form, "", status=UNPROCESSABLE)
    data = form.cleaned_data
    if not _is_trusted(data["token"], fund) or data["website"]:
        return _again(request, form, _("Is this your address? Please press the button once more."))
    wait = seconds_to_wait(address=client_address(request), email=data["email"], fund=fund)
    if wait:
        return _wait(request, form, wait)
    ask_to_follow(
        fund=fund,
        email=data["email"],
        language=translation.get_language() or "ru",
        page_path=data["page"],
        shown_text=form.shown_text,
    )
    context = {
        "purpose": purpose_for(fund),
        "email": data["email"],
        "page_url": data["page"] or "/",
    }
    return render(request, "donations/follow_asked.html", context)


def _is_trusted(token: str, fund: Fund) -> bool:
    """Whether a page of ours was open for long enough to be read, and not for a week."""
    if is_page_token(token, fund):
        return True
    return key_of_once_token(token, fund) is not None and not is_too_quick(token)


def _fund(request: HttpRequest) -> Fund:
    """The fund of a campaign of this site."""
    try:
        public_id = UUID(request.POST.get("follow-fund", ""))
    except ValueError:
        raise Http404 from None
    funds = Fund.objects.of_site(site_of(request)).filter(key__isnull=False)
    return get_object_or_404(funds.select_related("site__walls"), public_id=public_id)


def _again(
    request: HttpRequest, form: FollowForm, trouble: str, *, status: int = 200
) -> HttpResponse:
    context = {
        **follow_context(request, fund=form.fund, form=form),
        "purpose": purpose_for(form.fund),
        "trouble": trouble,
    }
    return render(request, "donations/follow.html", context, status=status)


def _wait(request: HttpRequest, form: FollowForm, seconds: int) -> HttpResponse:
    minutes = -(-seconds // 60)
    trouble = ngettext(
        "Too many letters have been asked for. Please try again in %(number)d minute.",
        "Too many letters have been asked for. Please try again in %(number)d minutes.",
        minutes,
    ) % {"number": minutes}
    answer = _again(request, form, trouble, status=TOO_MANY)
    answer["Retry-After"] = str(seconds)
    return answer


@csrf_exempt  # the link itself is the key; a mail program stops the news without a page (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def news_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind every link: confirm, stop, follow again. Looking at it changes nothing."""
    rows = Follower.objects.of_site(site_of(request)).select_related("site__walls", "fund")
    follower = rows.filter(token=token).first()
    if follower is None:
        return render(request, "donations/news_gone.html", status=NOT_FOUND)
    if request.method != "POST":
        return _news_page(request, follower)
    wish = request.POST.get("do", "") if body_length(request) <= LARGEST_FORM else ""
    if wish == "confirm":
        # The only wish that makes letters come: it is taken from our own page alone.
        if not is_same_origin(request) or not can_follow(follower.site):
            return _news_page(request, follower, status=CONFLICT)
        confirm(follower)
    else:
        leave(follower)
    if wish:
        answer = HttpResponse(status=SEE_OTHER)
        answer["Location"] = request.path
        return answer
    # A mail program follows no redirect.
    follower.refresh_from_db()
    return _news_page(request, follower)


def _news_page(request: HttpRequest, follower: Follower, *, status: int = 200) -> HttpResponse:
    context = {
        "follower": follower,
        "purpose": purpose_for(follower.fund),
        "can_follow": can_follow(follower.site) and bool(follower.email),
        "page_url": follower.page_path or "/",
    }
    return render(request, "donations/news.html", context, status=status)
