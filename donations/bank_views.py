"""The accountant's «Bank and cash»: a statement read in, gifts from paper, corrections."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.models import Site
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations.actions.by_hand import (
    AlreadyEntered,
    CannotCorrect,
    OfflineGift,
    OtherCorrection,
    correct,
    enter_gift,
)
from donations.actions.giving import purpose_of
from donations.actions.statements import (
    LineIsTaken,
    NoAccount,
    Proposal,
    attach_line,
    confirm_ready,
    count_what_came,
    import_statement,
    propose,
    set_line_aside,
)
from donations.actions.transfers import payee_of
from donations.bank.statement import BadStatement
from donations.bank_forms import CorrectionForm, LineForm, OfflineGiftForm, StatementForm
from donations.book_views import SENT_ALREADY, gift_or_404
from donations.models import Correction, Donation, StatementLine
from site_settings.models import Organisation
from site_settings.recipients import received_then
from tenancy.screens import render_screen

SHOWN = 200


def bank_books_of(request: PersonRequest) -> list[Site]:
    """A group has no bank account and no cash box: its money is in its recipient's books."""
    policy = policy_registry.get_by_type(Donation)
    sites = policy.sites_user_has_any_permission_for(request.user, ["change"])
    groups = Organisation.objects.filter(is_group=True)
    return list(sites.exclude(pk__in=groups.values("site_id")))


def _site(request: PersonRequest, site_id: int) -> Site:
    """404 for all but the sites whose books the person keeps."""
    site = next((one for one in bank_books_of(request) if one.pk == site_id), None)
    if site is None:
        raise Http404
    return site


def bank_and_cash(request: PersonRequest) -> HttpResponse:
    """The sites whose books the person keeps; with one site, its books at once."""
    sites = bank_books_of(request)
    if not sites:
        raise Http404
    if len(sites) == 1:
        return redirect("bank_and_cash_of", sites[0].pk)
    return render_screen(
        request,
        "donations/admin/bank_sites.html",
        {"sites": sites},
        title=_("Bank and cash"),
        icon="doc-full",
    )


def bank_and_cash_of(request: PersonRequest, site_id: int) -> HttpResponse:
    """What came in and waits, and the form to read a statement in."""
    site = _site(request, site_id)
    form = StatementForm()
    if request.method == "POST":
        form = StatementForm(request.POST, request.FILES)
        if form.is_valid() and _import(request, site, form):
            return redirect("bank_and_cash_of", site.pk)
    return render_screen(
        request,
        "donations/admin/bank.html",
        _context(site, form),
        title=_("Bank and cash"),
        subtitle=site.site_name,
        icon="doc-full",
    )


def _import(request: PersonRequest, site: Site, form: StatementForm) -> bool:
    try:
        done = import_statement(
            site=site, content=form.cleaned_data["statement"].read(), by=request.user
        )
    except BadStatement as error:
        form.add_error("statement", str(error))
        return False
    except NoAccount:
        form.add_error(
            "statement", _("First write the account into the organisation's requisites.")
        )
        return False
    counts = {"found": done.found, "new": done.new}
    text = _("Incoming lines in the statement: %(found)s, new ones: %(new)s.") % counts
    messages.success(request, text)
    return True


def _context(site: Site, form: StatementForm) -> dict[str, object]:
    lines = StatementLine.objects.filter(site=site)
    gifts = Donation.objects.filter(account__site=site)
    waiting = list(lines.waiting().order_by("day", "pk")[:SHOWN])
    proposals = propose(waiting)
    ready = [one for one in proposals if one.fit.is_certain]
    return {
        "site": site,
        "form": form,
        "has_payee": payee_of(Organisation.for_site(site)) is not None,
        "ready": ready,
        "doubtful": [one for one in proposals if one.donation and not one.fit.is_certain],
        "unknown": _with_forms(site, [one for one in proposals if one.donation is None]),
        "promised": gifts.promised().order_by("-created_at")[:SHOWN],
        "test_gifts": gifts.counted().filter(account__is_live=False).exists(),
    }


def _with_forms(site: Site, proposals: list[Proposal]) -> list[tuple[StatementLine, LineForm]]:
    """One list of funds for all the lines."""
    forms = [(one.line, LineForm(site=site, prefix=str(one.line.pk))) for one in proposals]
    if forms:
        choices = list(forms[0][1].fields["fund"].choices)  # type: ignore[attr-defined]
        for _line, form in forms:
            form.fields["fund"].choices = choices  # type: ignore[attr-defined]
    return forms


@require_POST
def confirm_lines(request: PersonRequest, site_id: int) -> HttpResponse:
    """Count all that keep their promise to the kopeck."""
    site = _site(request, site_id)
    number = len(confirm_ready(site=site, by=request.user))
    text = ngettext("%(n)s donation is counted.", "%(n)s donations are counted.", number)
    messages.success(request, text % {"n": number})
    return redirect("bank_and_cash_of", site.pk)


@require_POST
def decide_line(request: PersonRequest, site_id: int, pk: int) -> HttpResponse:
    """One line by hand: count what came, make it a gift to a fund, or put it aside."""
    site = _site(request, site_id)
    line = get_object_or_404(StatementLine.objects.filter(site=site).select_related("site"), pk=pk)
    try:
        _decide(request, site, line)
    except LineIsTaken:
        messages.warning(request, _("This line has been dealt with already."))
    return redirect("bank_and_cash_of", site.pk)


def _decide(request: PersonRequest, site: Site, line: StatementLine) -> None:
    decision = request.POST.get("decision")
    if decision == "aside":
        set_line_aside(line=line, by=request.user)
        messages.success(request, _("The line is put aside: it is no donation."))
    elif decision == "count":
        count_what_came(line=line, by=request.user)
        messages.success(request, _("The sum that came is counted."))
    else:
        form = LineForm(request.POST, site=site, prefix=str(line.pk))
        if not form.is_valid():
            messages.error(request, _("Choose what the donation is for."))
            return
        attach_line(line=line, fund=form.cleaned_data["fund"], by=request.user)
        messages.success(request, _("The donation is counted."))


def gift_by_hand(request: PersonRequest, site_id: int) -> HttpResponse:
    """A cash or bank gift from its paper."""
    site = _site(request, site_id)
    form = OfflineGiftForm(request.POST or None, site=site)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        gift = OfflineGift(
            kind=data["kind"],
            amount=data["amount"],
            day=data["day"],
            document=data["document"],
            name=data["name"],
            email=data["email"],
        )
        try:
            donation = enter_gift(site=site, fund=data["fund"], gift=gift, by=request.user)
        except AlreadyEntered:
            form.add_error(
                "document",
                _("This document is in the books already, or its line waits in the statement."),
            )
        else:
            messages.success(request, _("The donation is counted."))
            return redirect("donation_in_books", donation.pk)
    return _paper_screen(
        request, "bank_form", {"site": site, "form": form}, title=_("Enter a donation")
    )


def corrections(request: PersonRequest, site_id: int) -> HttpResponse:
    """What was corrected, and the form to correct a fund as a whole."""
    site = _site(request, site_id)
    return _correction_screen(request, site, None)


def correct_donation(request: PersonRequest, pk: int) -> HttpResponse:
    gift = gift_or_404(request, pk)
    return _correction_screen(request, gift.account.site, gift)


def _correction_screen(request: PersonRequest, site: Site, gift: Donation | None) -> HttpResponse:
    form = CorrectionForm(
        request.POST or None, site=site, donation=gift, initial={"key": uuid.uuid4()}
    )
    if request.method == "POST" and form.is_valid() and _correct(request, form, gift):
        if gift is not None:
            return redirect("donation_in_books", gift.pk)
        return redirect("corrections", site.pk)
    rows = gift.corrections.all() if gift is not None else _corrections_of(site)
    rows = rows.select_related("fund__site__organisation", "by")[:SHOWN]
    context = {
        "site": site,
        "form": form,
        "rows": [(row, purpose_of(row.fund, row.fund.site.organisation)) for row in rows],
        "gift": gift,
    }
    return _paper_screen(request, "corrections", context, title=_("Corrections"))


def _corrections_of(site: Site) -> QuerySet[Correction]:
    """Of gifts to its accounts, and of whole funds that were in its books then."""
    then = received_then(site, site=OuterRef("site"), moment=OuterRef("at"))
    of_fund = Q(donation=None) & (Q(site=site) | Q(then))
    return Correction.objects.filter(of_fund | Q(donation__account__site=site))


def _paper_screen(
    request: PersonRequest, name: str, context: dict[str, Any], *, title: str
) -> HttpResponse:
    site = context["site"]
    books = reverse("bank_and_cash_of", args=[site.pk])
    return render_screen(
        request,
        f"donations/admin/{name}.html",
        context,
        title=title,
        subtitle=site.site_name,
        icon="doc-full",
        trail=[{"url": books, "label": _("Bank and cash")}],
    )


def _correct(request: PersonRequest, form: CorrectionForm, gift: Donation | None) -> bool:
    data = form.cleaned_data
    try:
        correct(
            fund=gift.fund if gift is not None else data["fund"],
            donation=gift,
            amount=data["signed"],
            reason=data["reason"],
            document=data["document"],
            key=data["key"],
            by=request.user,
        )
    except OtherCorrection:
        form.add_error("amount", SENT_ALREADY)
        return False
    except CannotCorrect:
        form.add_error("amount", _("So much is not there: the total would fall below nothing."))
        return False
    messages.success(request, _("The correction is in the books."))
    return True
