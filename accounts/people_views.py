"""The people of a site: for its managers, and for the network's people everywhere."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Site

from accounts.actions import people as actions
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, User
from accounts.requests import PersonRequest
from tenancy.membership import own_sites_of
from tenancy.middleware import CHOSEN_SITE
from tenancy.models import Role
from tenancy.scope import is_unrestricted
from tenancy.screens import Crumb, render_screen
from tenancy.stock_lists import own_sites

SHOWN_SITES = 50
SiteView = Callable[..., HttpResponse]


def for_keepers(view: Callable[..., HttpResponse]) -> SiteView:
    """The view gets the site; 404 for everybody who does not keep its people."""

    @wraps(view)
    def kept(request: PersonRequest, site_id: int, **arguments: int) -> HttpResponse:
        site = get_object_or_404(own_sites(), pk=site_id)
        if not actions.keeps_people_of(request.user, site):
            raise Http404
        return view(request, site, **arguments)

    return kept


def keeps_people(request: HttpRequest) -> bool:
    """Whether the menu shows the screen at all."""
    if is_unrestricted():
        return True
    kept = own_sites().filter(role_groups__role=Role.MANAGER, role_groups__group__user=request.user)
    return bool(kept.exists())


def people(request: PersonRequest) -> HttpResponse:
    """The sites whose people one keeps; with one site, its people at once."""
    sites = own_sites().order_by("site_name", "pk")
    if not is_unrestricted():
        sites = sites.filter(role_groups__role=Role.MANAGER, role_groups__group__user=request.user)
        if not sites:
            raise Http404
        if len(sites) == 1:
            return redirect("people_of", sites[0].pk)
    query = request.GET.get("q", "").strip()
    if query:
        sites = sites.filter(Q(site_name__icontains=query) | Q(hostname__icontains=query))
    context = {"sites": sites[:SHOWN_SITES], "query": query, "more": sites.count() > SHOWN_SITES}
    return render_screen(
        request, "accounts/people/sites.html", context, title=_("People"), icon="group"
    )


def _to_people(site: Site | None = None) -> list[Crumb]:
    crumbs: list[Crumb] = [{"url": reverse("people"), "label": _("People")}]
    if site is not None:
        name = site.site_name or site.hostname
        crumbs.append({"url": reverse("people_of", args=[site.pk]), "label": name})
    return crumbs


@for_keepers
def people_of(request: PersonRequest, site: Site) -> HttpResponse:
    pending = Invitation.objects.filter(site=site, accepted_at=None).select_related(
        "group__role_group"
    )
    # One word: with two the title has no room on a phone.
    add = HeaderButton(_("Invite"), reverse("invite_person", args=[site.pk]), icon_name="plus")
    return render_screen(
        request,
        "accounts/people/people.html",
        {"site": site, "people": actions.people_of(site), "pending": pending.order_by("email")},
        title=_("People"),
        subtitle=site.site_name or site.hostname,
        icon="group",
        buttons=[add],
    )


@for_keepers
def invite_person(request: PersonRequest, site: Site) -> HttpResponse:
    form = InviteForm(request.POST or None, of_network=is_unrestricted())
    if request.method == "POST" and form.is_valid():
        try:
            invitation = actions.invite_to_site(**form.cleaned_data, site=site, by=request.user)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            _say_invited(request, invitation)
            return redirect("people_of", site.pk)
    return render_screen(
        request,
        "accounts/people/invite.html",
        {"form": form, "site": site},
        title=_("Invite a person"),
        icon="plus",
        trail=_to_people(site),
    )


def _say_invited(request: PersonRequest, invitation: Invitation) -> None:
    text = _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
    messages.success(request, text)


@require_POST
@for_keepers
def invitation_again(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    """A new term and a new letter."""
    row = _pending(site, pk)
    try:
        again = actions.invite_to_site(
            email=row.email, role=Role(row.group.role_group.role), site=site, by=request.user
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        _say_invited(request, again)
    return redirect("people_of", site.pk)


@require_POST
@for_keepers
def invitation_withdraw(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    actions.withdraw_invitation(invitation=_pending(site, pk), by=request.user)
    messages.success(request, _("The invitation is withdrawn: its link no longer works."))
    return redirect("people_of", site.pk)


def _pending(site: Site, pk: int) -> Invitation:
    rows = Invitation.objects.filter(site=site, accepted_at=None)
    return get_object_or_404(rows.select_related("group__role_group"), pk=pk)


def _colleague(site: Site, pk: int) -> actions.Colleague:
    for colleague in actions.people_of(site):
        if colleague.user.pk == pk:
            return colleague
    raise Http404


@for_keepers
def person(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    """One person on the site: the role, and what can be done for them."""
    colleague = _colleague(site, pk)
    form = RoleForm(request.POST or None, initial={"role": colleague.roles[-1]})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_role(
                person=colleague.user, site=site, role=form.cleaned_data["role"], by=request.user
            )
        except ValidationError as error:
            form.add_error("role", error)
        else:
            messages.success(request, _("The role is changed."))
            return redirect("people_of", site.pk)
    context = {
        "site": site,
        "colleague": colleague,
        "form": form,
        "may_open_as": is_unrestricted() and not actions.is_of_network(colleague.user),
    }
    return render_screen(
        request,
        "accounts/people/person.html",
        context,
        title=str(colleague.user),
        icon="user",
        trail=_to_people(site),
    )


@for_keepers
def remove_person(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    user = _colleague(site, pk).user
    if request.method == "POST":
        return _done(
            request,
            site,
            lambda: actions.remove_person(person=user, site=site, by=request.user),
            _("%(person)s no longer works on this site.") % {"person": user},
        )
    context = {
        "question": _("Remove %(person)s from the site?") % {"person": user},
        "consequence": _(
            "The person is signed out at once and can no longer get to this site. What they wrote "
            "stays. You can invite them again."
        ),
        "answer": _("Remove from the site"),
    }
    return _ask(request, site, user, context)


@for_keepers
def reset_factor(request: PersonRequest, site: Site, pk: int) -> HttpResponse:
    user = _colleague(site, pk).user
    if request.method == "POST":
        return _done(
            request,
            site,
            lambda: actions.let_in_without_phone(person=user, site=site, by=request.user),
            _("%(person)s can sign in without the code now.") % {"person": user},
        )
    context = {
        "question": _("Let %(person)s in without the code?") % {"person": user},
        "consequence": _(
            "First make sure that it is really them who asks: call, or meet. The lost phone is "
            "forgotten, open sessions end, and at the next sign-in a new phone can be connected."
        ),
        "answer": _("Yes, forget the lost phone"),
    }
    return _ask(request, site, user, context)


def _ask(request: PersonRequest, site: Site, user: User, context: dict[str, str]) -> HttpResponse:
    return render_screen(
        request,
        "accounts/people/confirm.html",
        {**context, "back": reverse("person", args=[site.pk, user.pk])},
        title=context["answer"],
        icon="user",
        trail=_to_people(site),
    )


def _done(
    request: PersonRequest, site: Site, act: Callable[[], None], success: str
) -> HttpResponse:
    try:
        act()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, success)
    # Who removed themselves keeps no people here any more.
    if actions.keeps_people_of(request.user, site):
        return redirect("people_of", site.pk)
    return redirect("wagtailadmin_home")


def choose_site(request: PersonRequest) -> HttpResponse:
    """For somebody who serves several sites: look at one of them, or at all."""
    sites = own_sites_of(request.user)
    if len(sites) < 2 or is_unrestricted():
        raise Http404
    if request.method == "POST":
        request.session.pop(CHOSEN_SITE, None)
        for site in sites:
            if request.POST.get("site") == str(site.pk):
                request.session[CHOSEN_SITE] = site.pk
        return redirect("wagtailadmin_home")
    context = {"sites": sites, "chosen": request.session.get(CHOSEN_SITE)}
    return render_screen(
        request, "accounts/people/choose_site.html", context, title=_("My sites"), icon="site"
    )
