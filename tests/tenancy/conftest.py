"""Two sites. The neighbour's every text carries a mark that nobody of `site` may ever read."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.db.models import Model
from PIL import Image as PilImage
from wagtail.models import Page, Site

from accounts.actions import invite
from accounts.models import Invitation, User
from campaigns.models import CampaignPage
from content.models import Attachment, Picture
from donations.actions.accounts import use_account
from donations.models import Donation, Fund
from home.models import HomePage, StandardPage
from site_settings.models import Channels, Organisation
from tenancy.models import Role, RoleGroup
from tests import ready_made
from tests.conftest import OpenSite

Key = tuple[type[Model], Any]

MARK = "zzneighbour"


def png(colour: str = "red") -> bytes:
    data = io.BytesIO()
    PilImage.new("RGB", (40, 30), colour).save(data, "PNG")
    return data.getvalue()


def add_picture(site: Site, title: str, tag: str = "") -> Picture:
    picture = Picture.objects.create(
        title=title,
        alt_text=title,
        collection=site.walls.collection,
        file=ImageFile(io.BytesIO(png()), name=f"{title.split()[0]}.png"),
    )
    if tag:
        picture.tags.add(tag)
    return picture


def add_document(site: Site, title: str, tag: str = "") -> Attachment:
    document = Attachment.objects.create(
        title=title,
        collection=site.walls.collection,
        file=ContentFile(title.encode(), name=f"{title.split()[0]}.txt"),
    )
    if tag:
        document.tags.add(tag)
    return document


@dataclass(frozen=True)
class Things:
    """Rows of one site, for tests to name."""

    site: Site
    home: HomePage
    about: StandardPage
    draft: CampaignPage
    picture: Picture
    document: Attachment
    fund: Fund
    donation: Donation
    editor: User
    accountant: User
    invitation: Invitation


def add_person(site: Site, role: Role, mark: str) -> User:
    """Somebody of the site who never types a password: hashing one takes half a second."""
    person = User.objects.create(
        email=f"{mark}-{role.value}@example.org",
        first_name=f"{mark}-first",
        last_name=f"{mark}-last",
    )
    person.groups.add(RoleGroup.objects.get(site=site, role=role).group)
    return person


def plant(site: Site, mark: str, give: Callable[..., Donation]) -> Things:
    """Give the site one of everything, with the mark in every text."""
    home = site.root_page.specific
    pages = Page.objects.descendant_of(home, inclusive=True).specific()
    editor = add_person(site, Role.EDITOR, mark)
    accountant = add_person(site, Role.ACCOUNTANT, mark)
    for page in pages:
        page.title = page.draft_title = f"{mark} {page.title}"
        page.owner = editor
        page.save_revision(user=editor)
        if page.live:
            page.get_latest_revision().publish()
        else:
            Page.objects.filter(pk=page.pk).update(title=page.title, draft_title=page.title)
    Organisation.objects.filter(site=site).update(full_name=f"{mark} org", phone=f"{mark} phone")
    Channels.objects.filter(site=site).update(vk_url=f"https://vk.com/{mark}")
    fund = Fund.objects.of_site(site).general().get()
    Fund.objects.filter(pk=fund.pk).update(purpose=f"{mark} purpose")
    fund.refresh_from_db()
    donation = give(
        fund,
        "512.00",
        pay=True,
        email=f"{mark}-donor@example.org",
        name=f"{mark} donor",
        show_name=True,
        message=f"{mark} message",
    )
    use_account(
        site=site, kind="yookassa", shop_id="100511", secret_key=f"test_{mark}", by=accountant
    )
    picture = add_picture(site, f"{mark} picture", tag=f"{mark} tag")
    document = add_document(site, f"{mark} document", tag=f"{mark} tag")
    return Things(
        site=site,
        home=HomePage.objects.get(pk=home.pk),
        about=StandardPage.objects.child_of(home).get(),
        draft=CampaignPage.objects.descendant_of(home).get(),
        picture=picture,
        document=document,
        fund=fund,
        donation=donation,
        editor=editor,
        accountant=accountant,
        invitation=invite(
            email=f"{mark}-new@example.org", role=Role.EDITOR, site=site, by=accountant
        ),
    )


# Address, mark and name.
PLANTED = {"own": ("veloput", "ourown", ""), "neighbour": (MARK, MARK, f"{MARK} NGO")}


@pytest.fixture(autouse=True)
def _planted(request: pytest.FixtureRequest, _roots: None) -> dict[str, dict[str, Key]]:
    """Both sites with their things before anything else is written: see tests.ready_made."""
    names = [name for name in PLANTED if name in request.fixturenames]
    if not names:
        return {}
    open_a_site: OpenSite = request.getfixturevalue("open_a_site")
    give: Callable[..., Donation] = request.getfixturevalue("give")

    def make(name: str) -> dict[str, Key]:
        label, mark, organisation = PLANTED[name]
        things = plant(open_a_site(label, organisation=organisation).site, mark, give)
        return keys_of(things)

    return dict(zip(names, ready_made.put(names, make), strict=True))


def keys_of(things: Things) -> dict[str, Key]:
    return {field: (type(row), row.pk) for field, row in vars(things).items()}


def things_of(keys: dict[str, Key]) -> Things:
    """Fresh objects for each test: what one test does to them is not seen by the next."""
    rows: dict[str, Any] = {}
    for field, (model, pk) in keys.items():
        rows[field] = model._base_manager.get(pk=pk)
    return Things(**rows)


@pytest.fixture
def own(db: None, _planted: dict[str, dict[str, Key]]) -> Things:
    return things_of(_planted["own"])


@pytest.fixture
def neighbour(db: None, _planted: dict[str, dict[str, Key]]) -> Things:
    return things_of(_planted["neighbour"])


@pytest.fixture
def indexed(own: Things, neighbour: Things) -> None:
    """The search index knows both sites; in life a worker writes it."""
    call_command("update_index", verbosity=0)
