"""Wagtail's own screen of sites: names by the rules of opening, and no other way to open."""

from collections.abc import Callable
from typing import Any

import pytest
from wagtail.models import Site

from accounts.models import User
from site_settings.models import LegalText
from tenancy.models import AuditEntry
from tests.conftest import SiteClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(admin_as: Callable[[User], SiteClient]) -> SiteClient:
    return admin_as(User.objects.create_superuser("root@example.org", "dva slova i 47"))


def renamed(root: SiteClient, site: Site, name: str) -> Any:
    typed = {"hostname": name, "port": "8080", "site_name": "x", "root_page": site.root_page_id}
    return root.post(f"/admin/sites/edit/{site.pk}/", typed)


@pytest.mark.parametrize(
    "name",
    ["admin.localhost", "veloput.localhost", "Pay", "www.lapy.localhost", "xn--zzzzzzzz.localhost"],
)
def test_wrong_name_is_refused_at_the_field(
    root: SiteClient, site: Site, other_site: Site, name: str
) -> None:
    answer = renamed(root, other_site, name)
    assert list(answer.context["form"].errors) == ["hostname"]
    assert len(answer.context["form"].errors["hostname"]) == 1
    assert Site.objects.get(pk=other_site.pk).hostname == "lapy.localhost"


def test_name_is_read_as_it_is_meant_and_an_old_one_is_not_judged(
    root: SiteClient, site: Site
) -> None:
    assert renamed(root, site, "Добро.рф.").status_code == 302
    assert Site.objects.get().hostname == "xn--90af4abj.xn--p1ai"
    Site.objects.update(hostname="status.localhost")
    assert renamed(root, site, "status.localhost").status_code == 302
    assert Site.objects.get().site_name == "x"


def test_only_names_are_changed_there_and_a_new_address_is_written_down(
    root: SiteClient, site: Site, other_site: Site
) -> None:
    typed = {
        "hostname": "drugoi.localhost",
        "port": "8080",
        "site_name": "x",
        "root_page": other_site.root_page_id,
        "is_default_site": "on",
    }
    assert root.post(f"/admin/sites/edit/{site.pk}/", typed).status_code == 302
    after = Site.objects.get(pk=site.pk)
    assert (after.hostname, after.port) == ("drugoi.localhost", site.port)
    assert (after.root_page_id, after.is_default_site) == (site.root_page_id, False)
    written = AuditEntry.objects.filter(site=site, what="main address changed").get()
    assert written.details == {"before": site.hostname, "host": "drugoi.localhost"}
    assert written.by is not None
    texts = LegalText.objects.filter(site=site)
    assert texts.filter(body__contains="drugoi.localhost").exists()


@pytest.mark.parametrize("at_once", [False, True], ids=["delete", "bulk"])
def test_home_of_a_site_is_not_deleted(root: SiteClient, site: Site, at_once: bool) -> None:
    home = site.root_page_id
    one, many = f"pages/{home}/delete/", f"bulk/wagtailcore/page/delete/?id={home}"
    answer = root.post(f"/admin/{many if at_once else one}", {"confirm_site_name": "Sonko CMS"})
    assert answer["Location"] == f"/admin/pages/{home}/"
    assert "нельзя удалить" in root.get(answer["Location"]).content.decode()
    assert Site.objects.get().root_page_id == home


def test_no_site_is_made_or_deleted_there(root: SiteClient, site: Site) -> None:
    assert "/admin/sites/new/" not in root.get("/admin/sites/").content.decode()
    for path in ("new/", f"delete/{site.pk}/"):
        assert root.get(f"/admin/sites/{path}").status_code == 302
        assert root.post(f"/admin/sites/{path}", {"hostname": "a.example"}).status_code == 302
    assert Site.objects.count() == 1
