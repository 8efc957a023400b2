"""What a new site contains, as data. Texts are Russian: they are content, not interface."""

from typing import Any, TypedDict


class PagePlan(TypedDict, total=False):
    type: str
    slug: str
    title: str
    in_menu: bool
    live: bool
    fields: dict[str, Any]
    children: list["PagePlan"]


GENERAL_PURPOSE = "Уставная деятельность"

DONATION_BLOCK = {
    "type": "donation",
    "value": {
        "heading": "Помочь",
        "intro": "",
        "presets": [
            {"amount": "300.00", "meaning": ""},
            {"amount": "500.00", "meaning": ""},
            {"amount": "1000.00", "meaning": ""},
        ],
    },
}

FIRST_CAMPAIGN: PagePlan = {
    "type": "campaigns.CampaignPage",
    "slug": "pervyi-sbor",
    "title": "Наш первый сбор",
    "live": False,
    "fields": {
        "lead": "Одно предложение: на что собираем и почему сейчас.",
        "body": [
            DONATION_BLOCK,
            {
                "type": "text",
                "value": (
                    "<p>Расскажите, что изменится, когда вы соберёте деньги: что появится, у кого "
                    "и когда. Одна вещь, одна сумма, один срок.</p>"
                    "<p>Напишите, из чего складывается сумма: что и сколько стоит.</p>"
                ),
            },
            {
                "type": "faq",
                "value": {
                    "items": [
                        {
                            "question": "Что будет, если соберём не всё?",
                            "answer": (
                                "<p>Деньги пойдут на ту же цель: сделаем столько, на сколько "
                                "их хватит, и расскажем об этом здесь.</p>"
                            ),
                        }
                    ]
                },
            },
        ],
    },
}

BASIC_SITE: list[PagePlan] = [
    {
        "type": "campaigns.CampaignIndexPage",
        "slug": "sbory",
        "title": "Сборы",
        "in_menu": True,
        "live": True,
        "fields": {"lead": "На что мы собираем сейчас и что уже сделали вместе."},
        "children": [FIRST_CAMPAIGN],
    },
    {
        "type": "home.StandardPage",
        "slug": "o-nas",
        "title": "О нас",
        "in_menu": True,
        "live": True,
        "fields": {
            "lead": "Кто мы, кому помогаем и почему.",
            "body": [],
        },
    },
    {
        "type": "home.ContactsPage",
        "slug": "kontakty",
        "title": "Контакты",
        "in_menu": True,
        "live": True,
        "fields": {"lead": "Напишите или позвоните, мы ответим."},
    },
]
