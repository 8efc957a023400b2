"""The people of a site: invited, changed, removed by its managers and by the centre."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Locale, PageSubscription, Site
from wagtail.permissions import policy_registry

from accounts.actions import accept_invitation, invite, send_owed_invitations
from accounts.actions import people as actions
from accounts.models import Invitation, User
from donations.models import PaymentAccount
from tenancy.membership import user_scope
from tenancy.models import SITE_ROLES, AuditEntry, Role, RoleGroup
from tenancy.scope import scoped
from tests.conftest import SiteClient

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]


@pytest.fixture
def manager(site: Site, make_person: MakePerson) -> User:
    return make_person(Role.MANAGER, site, email="maria@example.org")


@pytest.fixture
def coordinator(make_person: MakePerson) -> User:
    return make_person(Role.COORDINATOR)


def of(site: Site, *rest: Any) -> str:
    return "/".join(["/admin/people", str(site.pk), *map(str, rest)]) + "/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def said(client: SiteClient, answer: Any) -> str:
    """The message on the page that a form leads to."""
    return re.sub(r"<[^>]+>|\s+", " ", text_of(client.get(answer["Location"])))


def roles_of(person: User, site: Site) -> list[str]:
    return list(
        RoleGroup.objects.filter(site=site, group__user=person).values_list("role", flat=True)
    )


def test_manager_sees_the_people_of_the_site_and_whom_it_invited(
    site: Site, manager: User, editor: User, admin_as: AdminAs
) -> None:
    invite(email="new@example.org", role=Role.ACCOUNTANT, site=site, by=manager)
    client = admin_as(manager)
    assert client.get("/admin/people/")["Location"] == of(site)
    page = text_of(client.get(of(site)))
    for text in ("anna@example.org", "maria@example.org", "new@example.org", "бухгалтер"):
        assert text in page


def test_list_costs_the_same_with_one_person_and_with_three(
    site: Site, manager: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(manager)
    client.get(of(site))
    numbers = []
    for label in ("", "b", "c"):
        if label:
            make_person(Role.EDITOR, site, email=f"{label}@example.org")
            invite(email=f"new-{label}@example.org", role=Role.EDITOR, site=site, by=manager)
        with CaptureQueriesContext(connection) as queries:
            client.get(of(site))
        numbers.append(len(queries))
    assert numbers[0] == numbers[2]


def test_manager_invites_by_email_and_the_person_comes_in_that_role(
    site: Site, manager: User, admin_as: AdminAs, stranger: SiteClient
) -> None:
    client = admin_as(manager)
    form = {"email": " New@Example.org ", "role": "accountant"}
    answer = client.post(of(site, "invite"), form)
    assert "Приглашение отправляется на new@example.org" in said(client, answer)
    send_owed_invitations()
    link = re.findall(r"http://admin\.localhost:8000(/\S+)", str(mail.outbox[0].body))[0]
    passwords = {"new_password1": "dva slova i 47", "new_password2": "dva slova i 47"}
    stranger.post(link, passwords)
    person = User.objects.get(email="new@example.org")
    assert roles_of(person, site) == ["accountant"]
    entry = AuditEntry.objects.get(what="person invited")
    assert (entry.site, entry.by, entry.details["role"]) == (site, manager, "accountant")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "", "role": "editor"}, "email"),
        ({"email": "no address", "role": "editor"}, "email"),
        ({"email": "a@example.org\x00", "role": "editor"}, "email"),
        ({"email": "a@example.org"}, "role"),
        ({"email": "a@example.org", "role": "coordinator"}, "role"),
        ({"email": "a@example.org", "role": "superuser"}, "role"),
    ],
)
def test_bad_invitation_is_refused_at_its_field_and_keeps_what_was_typed(
    form: dict[str, str], field: str, site: Site, manager: User, admin_as: AdminAs
) -> None:
    answer = admin_as(manager).post(of(site, "invite"), form)
    assert list(answer.context["form"].errors) == [field]
    if field == "role":
        assert 'value="a@example.org"' in text_of(answer)
    assert not Invitation.objects.exists()


def test_whether_an_address_has_an_account_elsewhere_is_not_told(
    site: Site, other_site: Site, manager: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    make_person(Role.EDITOR, other_site, email="known@example.org")
    User.objects.create_superuser("root@example.org", "x")
    client = admin_as(manager)
    answers = []
    for name in ("nobody", "known", "root"):
        email = f"{name}@example.org"
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(of(site, "invite"), {"email": email, "role": "editor"})
        page = said(client, answer).replace(name, "…")
        answers.append((answer.status_code, len(queries), page.count("…"), "Приглашение" in page))
    assert answers[0][0] == 302
    assert len({answer[0] for answer in answers}) == 1
    assert len({answer[3] for answer in answers}) == 1
    assert Invitation.objects.count() == 3


def test_coordinator_is_told_that_a_superuser_cannot_be_invited(
    site: Site, coordinator: User, admin_as: AdminAs
) -> None:
    User.objects.create_superuser("root@example.org", "x")
    form = {"email": "Root@example.org", "role": "editor"}
    answer = admin_as(coordinator).post(of(site, "invite"), form)
    assert "обслуживает сервер" in text_of(answer)
    assert not Invitation.objects.exists()


def test_colleague_is_not_invited_once_more(
    site: Site, manager: User, editor: User, admin_as: AdminAs
) -> None:
    form = {"email": "ANNA@example.org", "role": "manager"}
    answer = admin_as(manager).post(of(site, "invite"), form)
    assert "уже работает здесь" in text_of(answer)
    assert not Invitation.objects.exists()


def test_invitation_is_sent_again_with_a_new_term_and_withdrawn(
    site: Site, manager: User, admin_as: AdminAs, stranger: SiteClient
) -> None:
    row = invite(email="new@example.org", role=Role.EDITOR, site=site, by=None)
    send_owed_invitations()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    client = admin_as(manager)
    assert "срок ссылки истёк" in text_of(client.get(of(site)))
    client.post(of(site, "invitations", row.pk, "again"))
    row.refresh_from_db()
    assert row.is_open
    assert send_owed_invitations() == 1
    link = re.findall(r"http://admin\.localhost:8000(/\S+)", str(mail.outbox[1].body))[0]
    assert stranger.get(link).status_code == 200
    client.post(of(site, "invitations", row.pk, "withdraw"))
    assert not Invitation.objects.exists()
    assert stranger.get(link).status_code == 404
    assert AuditEntry.objects.get(what="invitation withdrawn").by == manager


def test_address_invited_in_another_role_has_one_invitation(site: Site, manager: User) -> None:
    old = actions.invite_to_site(email="new@example.org", role=Role.EDITOR, site=site, by=manager)
    new = actions.invite_to_site(
        email="new@example.org", role=Role.ACCOUNTANT, site=site, by=manager
    )
    assert list(Invitation.objects.all()) == [new]
    assert accept_invitation(invitation=old, password="dva slova i 47") is None
    assert not User.objects.filter(email="new@example.org").exists()


def test_letters_of_invitations_are_limited(site: Site, manager: User, admin_as: AdminAs) -> None:
    client = admin_as(manager)
    for number in range(31):
        form = {"email": f"p{number}@example.org", "role": "editor"}
        answer = client.post(of(site, "invite"), form)
    assert "Слишком много попыток" in text_of(answer)
    assert Invitation.objects.count() == 30


def test_role_is_changed_and_counts_at_once(
    site: Site, manager: User, editor: User, admin_as: AdminAs
) -> None:
    theirs = admin_as(editor)
    assert theirs.get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 200
    admin_as(manager).post(of(site, editor.pk), {"role": "accountant"})
    assert roles_of(editor, site) == ["accountant"]
    assert theirs.get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 404
    assert theirs.get("/admin/donations/").status_code == 200
    entry = AuditEntry.objects.get(what="role changed")
    assert (entry.site, entry.by) == (site, manager)
    assert entry.details == {"person": editor.pk, "from": ["editor"], "to": "accountant"}


def test_removing_asks_first_ends_sessions_and_leaves_other_sites_alone(
    site: Site,
    other_site: Site,
    manager: User,
    editor: User,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    make_person(Role.EDITOR, other_site, email=editor.email)
    invite(email=editor.email, role=Role.MANAGER, site=site, by=manager)
    theirs, client = admin_as(User.objects.get(pk=editor.pk)), admin_as(manager)
    page = text_of(client.get(of(site, editor.pk, "remove")))
    assert f"Убрать с сайта: {editor}?" in page
    assert roles_of(editor, site) == ["editor"]

    assert client.post(of(site, editor.pk, "remove"))["Location"] == of(site)
    assert roles_of(editor, site) == []
    assert roles_of(editor, other_site) == ["editor"]
    assert not Invitation.objects.exists()
    assert theirs.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    entry = AuditEntry.objects.get(what="person removed")
    assert (entry.site, entry.by) == (site, manager)
    assert entry.details == {"person": editor.pk, "roles": ["editor"]}
    # The second time is quiet.
    actions.remove_person(person=editor, site=site, by=manager)
    assert AuditEntry.objects.filter(what="person removed").count() == 1


@pytest.mark.parametrize("path", ["remove", ""])
def test_last_manager_does_not_leave_by_a_slip(
    path: str, site: Site, manager: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(manager)
    form = {"role": "editor"}
    first = client.post(of(site, manager.pk, *filter(None, [path])), form)
    text = said(client, first) if first.status_code == 302 else text_of(first)
    assert "Вы единственный администратор этого сайта" in text
    assert roles_of(manager, site) == ["manager"]
    make_person(Role.MANAGER, site, email="second@example.org")
    assert client.post(of(site, manager.pk, *filter(None, [path])), form).status_code == 302
    assert "manager" not in roles_of(manager, site)


def test_coordinator_may_remove_the_last_manager(
    site: Site, manager: User, coordinator: User, admin_as: AdminAs
) -> None:
    admin_as(coordinator).post(of(site, manager.pk, "remove"))
    assert roles_of(manager, site) == []


def test_coordinator_finds_the_people_of_every_site(
    site: Site, other_site: Site, editor: User, coordinator: User, admin_as: AdminAs
) -> None:
    client = admin_as(coordinator)
    page = text_of(client.get("/admin/people/"))
    assert of(site) in page
    assert of(other_site) in page
    found = text_of(client.get("/admin/people/?q=lap"))
    assert of(other_site) in found
    assert of(site) not in found
    assert "anna@example.org" in text_of(client.get(of(site)))


def every_address(site: Site, person: User, invitation: Invitation) -> list[tuple[str, str]]:
    return [
        ("GET", of(site)),
        ("GET", of(site, "invite")),
        ("POST", of(site, "invite")),
        ("GET", of(site, person.pk)),
        ("POST", of(site, person.pk)),
        ("POST", of(site, person.pk, "remove")),
        ("POST", of(site, person.pk, "phone")),
        ("POST", of(site, person.pk, "open")),
        ("POST", of(site, "invitations", invitation.pk, "again")),
        ("POST", of(site, "invitations", invitation.pk, "withdraw")),
    ]


@pytest.mark.parametrize("who", ["editor", "accountant", "neighbour"])
def test_nobody_else_reaches_the_people_of_a_site(
    who: str,
    site: Site,
    other_site: Site,
    manager: User,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    waiting = invite(email="new@example.org", role=Role.EDITOR, site=site, by=manager)
    roles = {"editor": Role.EDITOR, "accountant": Role.ACCOUNTANT}
    asks = (
        make_person(Role.MANAGER, other_site, email="neighbour@example.org")
        if who == "neighbour"
        else make_person(roles[who], site, email=f"{who}@example.org")
    )
    client = admin_as(asks)
    before = list(Invitation.objects.values()), list(AuditEntry.objects.values())
    for method, path in every_address(site, manager, waiting):
        form = {"email": "x@example.org", "role": "manager"}
        answer = client.post(path, form) if method == "POST" else client.get(path)
        assert answer.status_code == 404, path
        assert "maria" not in text_of(answer)
    assert (list(Invitation.objects.values()), list(AuditEntry.objects.values())) == before
    assert roles_of(manager, site) == ["manager"]
    if who != "neighbour":
        assert client.get("/admin/people/").status_code == 404
        assert "/admin/people/" not in text_of(client.get("/admin/"))


def test_manager_reaches_no_person_and_no_invitation_of_another_site_through_the_own_one(
    site: Site, other_site: Site, manager: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    foreign = make_person(Role.EDITOR, other_site, email="foreign@example.org")
    waiting = invite(email="new@example.org", role=Role.EDITOR, site=other_site, by=None)
    client = admin_as(manager)
    for method, path in every_address(site, foreign, waiting)[3:]:
        answer = client.post(path, {}) if method == "POST" else client.get(path)
        assert answer.status_code == 404, path
    assert roles_of(foreign, other_site) == ["editor"]
    assert Invitation.objects.filter(pk=waiting.pk).exists()


def test_manager_never_gets_wagtails_own_screens_of_people(
    site: Site, manager: User, admin_as: AdminAs
) -> None:
    client = admin_as(manager)
    for path in ("/admin/users/", "/admin/users/new/", "/admin/groups/", "/admin/sites/"):
        assert client.get(path).status_code == 404
    assert not manager.has_perm("accounts.change_user")
    assert not manager.has_perm("accounts.add_user")


def test_manager_lets_in_a_colleague_who_lost_the_phone(
    site: Site, manager: User, editor: User, admin_as: AdminAs
) -> None:
    TOTPDevice.objects.create(user=editor, name="phone")
    theirs, client = admin_as(editor), admin_as(manager)
    assert "Сначала убедитесь" in text_of(client.get(of(site, editor.pk, "phone")))
    client.post(of(site, editor.pk, "phone"))
    assert not TOTPDevice.objects.exists()
    assert theirs.get("/admin/")["Location"].startswith("/admin/login/")
    entry = AuditEntry.objects.get(what="second factor reset")
    assert (entry.site, entry.by, entry.details) == (site, manager, {"person": editor.pk})


def test_phone_of_somebody_who_serves_another_site_too_only_the_centre_forgets(
    site: Site,
    other_site: Site,
    manager: User,
    editor: User,
    coordinator: User,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    make_person(Role.ACCOUNTANT, other_site, email=editor.email)
    TOTPDevice.objects.create(user=editor, name="phone")
    client = admin_as(manager)
    answer = client.post(of(site, editor.pk, "phone"))
    assert "может сделать только центр" in said(client, answer)
    assert TOTPDevice.objects.exists()
    admin_as(coordinator).post(of(site, editor.pk, "phone"))
    assert not TOTPDevice.objects.exists()


def test_what_each_role_may_do(site: Site, make_person: MakePerson, admin_as: AdminAs) -> None:
    edit = f"/admin/pages/{site.root_page_id}/edit/"
    screens = {
        "pages": edit,
        "pictures": "/admin/images/",
        "donations": "/admin/donations/",
        "payments": f"/admin/payments/{site.pk}/",
        "requisites": f"/admin/settings/site_settings/organisation/{site.pk}/",
        "people": of(site),
    }
    may = {}
    for role in SITE_ROLES:
        client = admin_as(make_person(role, site))
        may[role.value] = {
            name for name, path in screens.items() if client.get(path).status_code == 200
        }
    assert may == {
        "editor": {"pages", "pictures", "donations"},
        "accountant": {"donations", "payments", "requisites"},
        "manager": {"pages", "pictures", "donations", "payments", "requisites", "people"},
    }


def test_person_who_serves_two_sites_looks_at_one_or_at_both(
    site: Site, other_site: Site, editor: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(make_person(Role.EDITOR, other_site, email=editor.email))
    assert "/admin/my-sites/" in text_of(client.get("/admin/"))

    def opens(one: Site) -> bool:
        return bool(client.get(f"/admin/pages/{one.root_page_id}/edit/").status_code == 200)

    assert opens(site)
    assert opens(other_site)
    client.post("/admin/my-sites/", {"site": other_site.pk})
    assert not opens(site)
    assert opens(other_site)
    assert "НКО lapy" in text_of(client.get("/admin/"))
    assert "НКО veloput" not in text_of(client.get("/admin/")).replace("НКО veloput</button>", "")
    # A menu item of a setting leads to the chosen site.
    shown = client.get("/admin/settings/site_settings/channels/", follow=True)
    assert shown.redirect_chain[-1][0] == (
        f"/admin/settings/site_settings/channels/{other_site.pk}/"
    )
    client.post("/admin/my-sites/", {"site": ""})
    assert opens(site)


@pytest.mark.parametrize("chosen", ["999999", "x", "' OR 1=1", "-1"])
def test_choosing_what_is_not_one_s_own_shows_all_own_sites(
    chosen: str,
    site: Site,
    other_site: Site,
    editor: User,
    make_person: MakePerson,
    admin_as: AdminAs,
    open_a_site: Any,
) -> None:
    foreign = open_a_site("shag").site
    client = admin_as(make_person(Role.EDITOR, other_site, email=editor.email))
    for value in (chosen, str(foreign.pk)):
        client.post("/admin/my-sites/", {"site": value})
        assert "chosen_site" not in client.session
        assert client.get(f"/admin/pages/{foreign.root_page_id}/edit/").status_code == 404


def test_choice_of_a_site_one_was_removed_from_shows_nothing_of_it(
    site: Site, other_site: Site, editor: User, make_person: MakePerson, admin_as: AdminAs
) -> None:
    client = admin_as(make_person(Role.EDITOR, other_site, email=editor.email))
    client.post("/admin/my-sites/", {"site": other_site.pk})
    editor.groups.remove(RoleGroup.objects.get(site=other_site, role=Role.EDITOR).group)
    assert client.get(f"/admin/pages/{other_site.root_page_id}/edit/").status_code == 404
    assert client.get(f"/admin/pages/{site.root_page_id}/edit/").status_code == 200


def test_person_of_one_site_has_nothing_to_choose(
    site: Site, editor: User, coordinator: User, admin_as: AdminAs
) -> None:
    for person in (editor, coordinator):
        client = admin_as(person)
        assert "/admin/my-sites/" not in text_of(client.get("/admin/"))
        assert client.get("/admin/my-sites/").status_code == 404


def test_action_keeps_the_last_manager_even_past_the_screen(site: Site, manager: User) -> None:
    with pytest.raises(ValidationError):
        actions.remove_person(person=manager, site=site, by=manager)
    with pytest.raises(ValidationError):
        actions.change_role(person=manager, site=site, role=Role.EDITOR, by=manager)


@pytest.mark.parametrize("label", ["veloput", "lapy"])
def test_rights_are_asked_for_the_chosen_site_only(
    label: str, site: Site, other_site: Site, make_person: MakePerson
) -> None:
    make_person(Role.ACCOUNTANT, site, email="both@example.org")
    person = make_person(Role.ACCOUNTANT, other_site, email="both@example.org")
    chosen = {"veloput": site, "lapy": other_site}[label]
    policy = policy_registry.get_by_type(PaymentAccount)
    with scoped(user_scope(person, chosen=chosen.pk)):
        assert list(policy.sites_user_has_any_permission_for(person, ["change"])) == [chosen]


@pytest.mark.parametrize("end", ["removed", "accountant"])
def test_nobody_hears_of_comments_of_a_site_whose_pages_are_no_longer_theirs(
    end: str, site: Site, other_site: Site, manager: User, editor: User, make_person: MakePerson
) -> None:
    english = site.root_page.copy_for_translation(
        Locale.objects.get_or_create(language_code="en")[0]
    )
    own = [site.root_page, site.root_page.get_children()[0], english]
    make_person(Role.EDITOR, other_site, email=editor.email)
    for page in (*own, other_site.root_page):
        for person in (editor, manager):
            PageSubscription.objects.create(
                user=person, page_id=page.pk, comment_notifications=True
            )
    if end == "removed":
        actions.remove_person(person=editor, site=site, by=manager)
    else:
        actions.change_role(person=editor, site=site, role=Role.ACCOUNTANT, by=manager)
    kept = PageSubscription.objects.filter(user=editor).values_list("page", flat=True)
    assert list(kept) == [other_site.root_page_id]
    assert PageSubscription.objects.filter(user=manager).count() == 4


def test_manager_who_becomes_an_editor_goes_on_following_pages(site: Site, manager: User) -> None:
    centre = User.objects.create_superuser("root@example.org", "x")
    PageSubscription.objects.create(
        user=manager, page_id=site.root_page_id, comment_notifications=True
    )
    actions.change_role(person=manager, site=site, role=Role.EDITOR, by=centre)
    assert PageSubscription.objects.filter(user=manager).count() == 1
