"""Words of donors that wait to be read, and what became of the others."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.messages import decide_messages
from donations.models import Donation, DonationQuerySet, MessageState
from donations.wall import signed
from tenancy.screens import render_screen

ON_A_PAGE = 50
# An address of a page or of a mailbox, or a telephone number: seldom a kind word.
LEADS_ELSEWHERE = re.compile(
    r"://|www\.|@|\b[\w-]+\.(?:ru|рф|com|org|net|info|biz|me|site|online|su|shop)\b|(?:\d[\s()-]*){10}",
    re.IGNORECASE,
)


def sites_with_words(request: PersonRequest) -> list[Site]:
    """Sites whose gifts the person sees and whose pages the person publishes."""
    policy = policy_registry.get_by_type(Donation)
    sites = policy.sites_user_has_any_permission_for(request.user, ["view"])
    return [
        site
        for site in sites.select_related("root_page")
        if site.root_page.permissions_for_user(request.user).can_publish()
    ]


def words_waiting(request: PersonRequest) -> int:
    sites = sites_with_words(request)
    return _gifts(sites).with_words(MessageState.WAITING).count() if sites else 0


def _gifts(sites: list[Site]) -> DonationQuerySet:
    gifts: DonationQuerySet = Donation.objects.filter(site__in=sites).with_words()
    return gifts


def donor_messages(request: PersonRequest) -> HttpResponse:
    """Those that wait, the oldest first; or what was decided, the latest decision first."""
    sites = sites_with_words(request)
    if not sites:
        raise Http404
    shown = _state(request.GET.get("show", MessageState.WAITING))
    if request.method == "POST":
        return _decide(request, sites, shown)
    gifts = _gifts(sites).with_words(shown).select_related("site", "fund")
    newest_last = shown == MessageState.WAITING
    gifts = gifts.order_by(*(("paid_at", "pk") if newest_last else ("-message_decided_at", "-pk")))
    page = Paginator(gifts, ON_A_PAGE).get_page(request.GET.get("p"))
    counts = {state: _gifts(sites).with_words(state).count() for state in MessageState}
    context = {
        "rows": [_row(gift) for gift in page],
        "page": page,
        "shown": shown,
        "tabs": [(state, _tab(state), counts[state]) for state in MessageState],
        "buttons": _buttons(shown),
        "several": len(sites) > 1,
    }
    return render_screen(
        request,
        "donations/admin/messages.html",
        context,
        title=_("Words of donors"),
        icon="comment",
    )


def _row(gift: Donation) -> dict[str, Any]:
    return {
        "gift": gift,
        "signed": signed(gift),
        "leads_elsewhere": bool(LEADS_ELSEWHERE.search(gift.message)),
    }


def _decide(request: PersonRequest, sites: list[Site], shown: MessageState) -> HttpResponse:
    """One row by its own button («shown:12»), or all that are ticked («shown»)."""
    do, _colon, one = request.POST.get("do", "").partition(":")
    state = _state(do)
    ids = {int(pk) for pk in ([one] if one else request.POST.getlist("gift")) if _is_id(pk)}
    gifts = _gifts(sites).filter(pk__in=ids)
    if gifts.count() != len(ids):
        raise Http404
    changed = decide_messages(gifts=gifts, state=state, by=request.user)
    address = reverse("donor_messages")
    if changed:
        there = messages.button(f"{address}?{urlencode({'show': state})}", _("Look at them"))
        messages.success(request, _done(state, changed), buttons=[there])
    elif not ids:
        messages.warning(request, _("Tick the words you mean first."))
    return redirect(f"{address}?{urlencode({'show': shown})}")


def _state(value: str) -> MessageState:
    try:
        return MessageState(value)
    except ValueError:
        raise Http404 from None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _tab(state: MessageState) -> str:
    return {
        MessageState.WAITING: _("Wait for you"),
        MessageState.SHOWN: _("On the page"),
        MessageState.DECLINED: _("Not shown"),
    }[state]


def _buttons(shown: MessageState) -> list[dict[str, str]]:
    """What can be done with the words of this tab; the first is what is usually done."""
    words = {
        MessageState.SHOWN: _("Show on the page"),
        MessageState.DECLINED: _("Do not show"),
        MessageState.WAITING: _("Put back to those that wait"),
    }
    if shown == MessageState.SHOWN:
        words[MessageState.DECLINED] = _("Take off the page")
    return [{"do": str(state), "label": label} for state, label in words.items() if state != shown]


def _done(state: MessageState, number: int) -> str:
    if state == MessageState.SHOWN:
        said = ngettext(
            "The words of %(number)s person stand on the page.",
            "The words of %(number)s people stand on the page.",
            number,
        )
    elif state == MessageState.DECLINED:
        said = ngettext(
            "The words of %(number)s person are not shown.",
            "The words of %(number)s people are not shown.",
            number,
        )
    else:
        said = ngettext(
            "The words of %(number)s person wait again.",
            "The words of %(number)s people wait again.",
            number,
        )
    return said % {"number": number}
