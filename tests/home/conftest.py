"""A site with something on every page."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.images import ImageFile
from PIL import Image
from wagtail.models import Site

from campaigns.models import CampaignPage
from content.models import Picture
from donations.models import Donation, Fund
from site_settings.models import Appearance, Channels, Organisation
from tests.campaigns.conftest import FORM, as_item, index_of

FillSite = Callable[..., list[CampaignPage]]


def picture_for(site: Site, colour: str) -> Picture:
    content = io.BytesIO()
    Image.new("RGB", (1600, 1000), colour).save(content, "JPEG")
    return Picture.objects.create(
        title="photo",
        alt_text="Ступени у входа",
        collection=site.walls.collection,
        file=ImageFile(content, name="photo.jpg"),
    )


def story(picture: Picture) -> list[dict[str, Any]]:
    link = '<p>Подробнее — <a href="https://example.org/news">в газете</a>.</p>'
    question = {"question": "Когда?", "answer": "<p>В мае.</p>"}
    video = {"title": "Ступени", "url": "https://rutube.ru/video/1/", "poster": picture.pk}
    return [
        FORM,
        {"type": "text", "value": link},
        {"type": "picture", "value": {"picture": picture.pk, "caption": "Вход"}},
        {"type": "quote", "value": {"text": "Сам заехал", "who": "Иван"}},
        {"type": "video", "value": video},
        {"type": "faq", "value": {"items": [as_item(question)]}},
    ]


@pytest.fixture
def fill_site(give: Callable[..., Donation]) -> FillSite:
    """fill_site(site, campaigns=3): requisites, logo, channels and campaigns with gifts."""

    def fill(site: Site, *, campaigns: int = 1) -> list[CampaignPage]:
        picture = picture_for(site, "#445566")
        Organisation.objects.filter(site=site).update(
            short_name="Пандус",
            inn="7707083893",
            ogrn="1027700132195",
            kpp="773601001",
            email="hello@example.org",
            phone="+7 (8332) 12-34-56",
            legal_address="Киров, Спасская, 1",
        )
        Appearance.objects.filter(site=site).update(logo=picture, accent="#b00020")
        Channels.objects.filter(site=site).update(
            vk_url="https://vk.com/pandus",
            max_url="https://max.ru/pandus",
            ok_url="https://ok.ru/pandus",
            telegram_url="https://t.me/pandus",
        )
        pages = []
        for number in range(campaigns):
            page = CampaignPage(
                title=f"Пандус {number}",
                slug=f"pandus-{number}",
                lead="Двенадцать ступеней",
                picture=picture_for(site, f"#{number}02040"),
                goal=Decimal("64000.00"),
                body=story(picture),
            )
            index_of(site).add_child(instance=page)
            page.save_revision().publish()
            give(Fund.objects.get(key=page.fund_key), "500.00", pay=True)
            pages.append(page)
        return pages

    return fill
