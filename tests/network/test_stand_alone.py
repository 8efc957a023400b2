"""NETWORK=off: the same code as one organisation's own site, with its own admin."""

import json
from pathlib import Path

import pytest

from tests.network.alone import Installation, on_sqlite

pytestmark = pytest.mark.django_db

OPEN = ("open_site", "--name", "Клуб", "--hostname", "klub.example.org", "--manager")

# Run in the other process: what people see there. Prints one line of JSON.
LOOK = """
import json
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from accounts.actions import accept_invitation
from accounts.models import Invitation, User
from campaigns.models import CampaignPage
from tenancy.models import Role, RoleGroup
from tenancy.scope import scoped
from wagtail.models import Site, get_page_models

manager = accept_invitation(invitation=Invitation.objects.get(), password="dva slova i 47")
keeper = User.objects.create_superuser("keeper@example.org", "dva slova i 47")
site = Site.objects.get()

def ask(host, path, user=None):
    browser = Client(HTTP_HOST=host)
    if user:
        browser.force_login(user)
    with scoped(None):
        return browser.get(path)

def names(resolver):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from names(entry)
        else:
            yield entry.name or ""

admin = settings.ADMIN_HOST
home = ask(admin, "/admin/", keeper).content.decode()
print(json.dumps({
    "role": RoleGroup.objects.get(group__user=manager).role,
    "network names": sorted(n for n in names(get_resolver()) if n.startswith("network_")),
    "network screens": [ask(admin, p, u).status_code
        for p in ("/admin/network/sites/", "/admin/network/sites/open/")
        for u in (keeper, manager)],
    "menu speaks of a network": "/admin/network/" in home,
    "network pages": [m.__name__ for m in get_page_models()
        if m._meta.app_label == "network" and m.is_creatable],
    "where a campaign is found": [name for name in ("in_showcase", "topic", "district")
        if name in CampaignPage.get_edit_handler().get_form_class().base_fields],
    "site": [ask(site.hostname, "/").status_code, ask(site.hostname, "/admin/").status_code],
    "another host": ask("other.example.org", "/").status_code,
    "admin host": ask(admin, "/about/").status_code,
    "manager": [ask(admin, path, manager).status_code for path in (
        "/admin/", f"/admin/pages/{site.root_page_id}/", "/admin/images/",
        f"/admin/pages/{site.root_page_id}/edit/",
        f"/admin/settings/site_settings/organisation/{site.pk}/",
        f"/admin/settings/site_settings/appearance/{site.pk}/")],
}))
"""


@pytest.fixture
def alone(tmp_path: Path) -> Installation:
    return on_sqlite(tmp_path)


def test_one_site_with_its_own_admin_and_no_network(alone: Installation) -> None:
    assert "klub.example.org" in alone.run(*OPEN, "first@example.org")
    seen = json.loads(alone.run("shell", "-v0", "-c", LOOK).splitlines()[-1])
    assert seen == {
        "role": "manager",
        "network names": [],
        "where a campaign is found": ["topic", "district"],
        "network screens": [404, 404, 404, 404],
        "menu speaks of a network": False,
        "network pages": [],
        "site": [200, 404],
        "another host": 404,
        "admin host": 404,
        "manager": [200] * 6,
    }
    refused = alone.fail(*OPEN[:3], "--hostname", "other.example.org", "--manager", "b@example.org")
    assert "только один сайт" in refused


def test_the_demo_is_one_site_at_the_domain_itself(alone: Installation) -> None:
    alone.environment["DEMO_PASSWORD"] = "dva-slova-i-47"
    told = alone.run("demo")
    assert told.split() == ["http://localhost:8000/", "Вятский", "велопуть"]
    assert alone.run("check_totals") == "every total agrees with its donations\n"
