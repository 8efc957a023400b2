"""A short link per channel: made once, leads to the campaign and nowhere else."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from wagtail.models import Locale, Site

from accounts.models import User
from campaigns import links, qr
from campaigns.channels import READY, channel_of, normalised
from campaigns.links import CannotAdd, add_channel, link_for, open_ready_links
from campaigns.models import CampaignIndexPage, CampaignPage, ShortLink
from campaigns.spreading import ALPHABET
from tenancy.models import Role
from tests.campaigns.conftest import MakeCampaign, index_of
from tests.conftest import SiteClient

MakePerson = Callable[..., User]


@pytest.fixture
def campaign(make_campaign: MakeCampaign) -> CampaignPage:
    return make_campaign()


@pytest.fixture
def editor(site: Site, make_person: MakePerson) -> User:
    return make_person(Role.EDITOR, site)


def path_of(link: ShortLink) -> str:
    return f"/-/{link.code}"


def test_published_campaign_has_a_link_for_every_usual_channel(campaign: CampaignPage) -> None:
    made = ShortLink.objects.filter(key=campaign.fund_key)
    assert [link.channel for link in made] == list(READY)
    assert {link.label for link in made} >= {"ВКонтакте", "MAX", "Плакат"}


def test_publishing_again_makes_no_new_link(campaign: CampaignPage) -> None:
    before = set(ShortLink.objects.values_list("code", flat=True))
    campaign.save_revision().publish()
    assert set(ShortLink.objects.values_list("code", flat=True)) == before


def test_code_is_short_and_has_no_letters_that_look_alike(campaign: CampaignPage) -> None:
    code = link_for(campaign, "vk").code
    assert re.fullmatch(f"[{ALPHABET}]{{4}}", code)
    assert not set("aeiouyl01") & set(ALPHABET)


def test_the_same_page_and_channel_give_the_same_link(
    make_campaign: MakeCampaign, site: Site, editor: User
) -> None:
    draft = make_campaign(publish=False)
    link = link_for(draft, "poster", by=editor)
    assert link_for(draft, "poster") == link
    assert (link.created_by, ShortLink.objects.count()) == (editor, 1)
    assert link.url == f"{site.root_url}/-/{link.code}"


def test_a_code_that_is_taken_is_drawn_again(
    campaign: CampaignPage, site: Site, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = link_for(campaign, "vk").code
    drawn = iter([taken, "bbbb"])
    monkeypatch.setattr(ShortLink._meta.get_field("code"), "_get_default", lambda: next(drawn))
    link = add_channel(site=site, key=campaign.fund_key, name="Двор", by=editor)
    assert link.code == "bbbb"


def test_link_leads_to_the_campaign_and_names_the_channel(
    campaign: CampaignPage, visitor: SiteClient
) -> None:
    answer = visitor.get(path_of(link_for(campaign, "poster")))
    assert (answer.status_code, answer["Location"]) == (302, "/sbory/pandus/?utm_source=poster")
    assert "no-store" in answer["Cache-Control"]
    form = visitor.get(answer["Location"]).content.decode()
    assert 'name="channel" value="poster"' in form


def test_link_typed_from_paper_in_capitals_works(
    campaign: CampaignPage, visitor: SiteClient
) -> None:
    answer = visitor.get(path_of(link_for(campaign, "poster")).upper())
    assert answer["Location"] == "/sbory/pandus/?utm_source=poster"


def test_link_follows_a_page_that_is_renamed(campaign: CampaignPage, visitor: SiteClient) -> None:
    link = link_for(campaign, "poster")
    campaign.slug = "novoe-imya"
    campaign.save_revision().publish()
    answer = visitor.get(path_of(link))
    assert answer["Location"] == "/sbory/novoe-imya/?utm_source=poster"


def test_link_of_a_campaign_that_is_hidden_leads_to_the_list(
    campaign: CampaignPage, visitor: SiteClient
) -> None:
    link = link_for(campaign, "poster")
    campaign.unpublish()
    assert visitor.get(path_of(link))["Location"] == "/sbory/"


def test_link_of_a_hidden_campaign_without_a_list_is_kindly_unknown(
    campaign: CampaignPage, visitor: SiteClient, site: Site
) -> None:
    link = link_for(campaign, "poster")
    campaign.unpublish()
    CampaignIndexPage.objects.get(pk=index_of(site).pk).unpublish()
    answer = visitor.get(path_of(link))
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.content.decode()


@pytest.mark.parametrize("code", ["zzzz", "a" * 300, "%00", "..%2f..", "//evil.example"])
def test_unknown_code_is_the_sites_own_404(code: str, visitor: SiteClient) -> None:
    answer = visitor.get(f"/-/{code}")
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.content.decode()


def test_link_of_another_site_is_unknown_here(
    make_campaign: MakeCampaign, other_site: Site, visitor: SiteClient
) -> None:
    theirs = link_for(make_campaign("Крыша", slug="krysha", on=other_site), "poster")
    assert visitor.get(path_of(theirs)).status_code == 404
    assert SiteClient(other_site.hostname).get(path_of(theirs)).status_code == 302


def test_link_never_leads_to_another_site(
    campaign: CampaignPage, other_site: Site, visitor: SiteClient
) -> None:
    link = link_for(campaign, "poster")
    campaign.move(index_of(other_site), pos="last-child")
    assert visitor.get(path_of(link))["Location"] == "/sbory/"


def test_link_of_a_translation_leads_to_the_translation(
    campaign: CampaignPage, visitor: SiteClient, site: Site
) -> None:
    english = Locale.objects.get_or_create(language_code="en")[0]
    translated = campaign.copy_for_translation(english, copy_parents=True)
    translated.save_revision().publish()
    link = link_for(CampaignPage.objects.get(pk=translated.pk), "poster")
    assert link == link_for(campaign, "poster")
    assert link.url == f"{site.root_url}/en/-/{link.code}"
    assert visitor.get(f"/en/-/{link.code}")["Location"] == "/en/sbory/pandus/?utm_source=poster"
    assert visitor.get(f"/-/{link.code}")["Location"] == "/sbory/pandus/?utm_source=poster"


def test_own_channel_gets_a_word_out_of_its_name(
    campaign: CampaignPage, site: Site, editor: User
) -> None:
    link = add_channel(site=site, key=campaign.fund_key, name="Чат «Наш двор»", by=editor)
    assert (link.channel, link.label) == ("chat-nash-dvor", "Чат «Наш двор»")
    assert normalised(link.channel) == link.channel


@pytest.mark.parametrize("name", ["VK", "other", "…", "  "])
def test_name_that_is_no_new_channel_is_refused(
    name: str, campaign: CampaignPage, site: Site, editor: User
) -> None:
    with pytest.raises(CannotAdd):
        add_channel(site=site, key=campaign.fund_key, name=name, by=editor)
    assert ShortLink.objects.count() == len(READY)


def test_there_is_an_end_of_channels(
    campaign: CampaignPage, site: Site, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST", len(READY) + 1)
    add_channel(site=site, key=campaign.fund_key, name="Двор", by=editor)
    with pytest.raises(CannotAdd):
        add_channel(site=site, key=campaign.fund_key, name="Подъезд", by=editor)


def test_long_name_makes_a_channel_that_donations_take() -> None:
    channel = channel_of("Большая ярмарка у Дворца культуры железнодорожников в воскресенье")
    assert normalised(channel) == channel
    assert len(channel) <= 40


def test_ready_links_are_made_by_the_same_few_queries(
    make_campaign: MakeCampaign, site: Site, django_assert_num_queries: Callable[..., object]
) -> None:
    page = make_campaign(publish=False)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        open_ready_links(site=site, key=page.fund_key)


def test_codes_are_large_enough_for_print(campaign: CampaignPage) -> None:
    url = link_for(campaign, "poster").url
    image = Image.open(BytesIO(qr.png(url)))
    assert image.width == image.height >= 960
    assert image.convert("L").getpixel((5, 5)) == 255  # the quiet zone
    assert qr.svg(url).startswith(b"<svg")
