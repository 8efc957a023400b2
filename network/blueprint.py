"""What a new site contains, as data. Texts are Russian: they are content, not interface."""

from dataclasses import dataclass, field
from typing import Any, TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PagePlan(TypedDict, total=False):
    type: str
    slug: str
    title: str
    in_menu: bool
    live: bool
    fields: dict[str, Any]
    questions: list[tuple[str, str, bool]]  # of a form: words, kind of answer, must be answered
    children: list["PagePlan"]


GENERAL_PURPOSE, GROUP_PURPOSE = "Уставная деятельность", "Дело группы"

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

WRITE_TO_US: PagePlan = {
    "type": "home.FormPage",
    "slug": "napisat-nam",
    "title": "Написать нам",
    "live": True,
    "fields": {
        "lead": "Спросите, предложите помощь, расскажите, что не так. Мы прочитаем и ответим.",
        "thanks": "Спасибо. Мы прочитаем и ответим в ближайшие дни.",
    },
    "questions": [
        ("Ваше имя", "singleline", False),
        ("Электронная почта", "email", True),
        ("Сообщение", "multiline", True),
    ],
}

NEWS: PagePlan = {
    "type": "home.NewsIndexPage",
    "slug": "novosti",
    "title": "Новости",
    "in_menu": True,
    "live": True,
    "fields": {"lead": "Что у нас происходит."},
}

CONTACTS: PagePlan = {
    "type": "home.ContactsPage",
    "slug": "kontakty",
    "title": "Контакты",
    "in_menu": True,
    "live": True,
    "fields": {"lead": "Напишите или позвоните, мы ответим."},
    "children": [WRITE_TO_US],
}


def _campaigns(*, in_menu: bool) -> PagePlan:
    return {
        "type": "campaigns.CampaignIndexPage",
        "slug": "sbory",
        "title": "Сборы",
        "in_menu": in_menu,
        "live": True,
        "fields": {"lead": "На что мы собираем сейчас и что уже сделали вместе."},
        "children": [FIRST_CAMPAIGN],
    }


def _about(title: str, lead: str) -> PagePlan:
    return {
        "type": "home.StandardPage",
        "slug": "o-nas",
        "title": title,
        "in_menu": True,
        "live": True,
        "fields": {"lead": lead, "body": []},
    }


@dataclass(frozen=True)
class Blueprint:
    """A kind of site. A group is no legal person: an organisation receives its gifts."""

    key: str
    label: str | Promise
    hint: str | Promise
    pages: tuple[PagePlan, ...]
    purpose: str = GENERAL_PURPOSE
    is_group: bool = False
    home: dict[str, Any] = field(default_factory=dict)  # {slug} is the number of the page there


BASIC = Blueprint(
    key="basic",
    label=_("Site of an organisation"),
    hint=_("Home, campaigns, about us, news, contacts, a draft of the first campaign"),
    pages=(
        _campaigns(in_menu=True),
        _about("О нас", "Кто мы, кому помогаем и почему."),
        NEWS,
        CONTACTS,
    ),
)
LANDING = Blueprint(
    key="landing",
    label=_("One campaign"),
    hint=_("Home that shows one campaign, its page, contacts: nothing to distract"),
    pages=(_campaigns(in_menu=False), CONTACTS),
)
GROUP = Blueprint(
    key="group",
    label=_("Group without requisites"),
    hint=_("A traveller, neighbours, a school class: an organisation receives the money for them"),
    pages=(
        _campaigns(in_menu=True),
        _about("Кто мы", "Как нас зовут, что мы делаем и почему взялись за это."),
        CONTACTS,
    ),
    purpose=GROUP_PURPOSE,
    is_group=True,
    home={
        "lead": "Рассказываем, за что взялись, как идут дела и чем можно помочь.",
        "body": [
            {
                "type": "text",
                "value": (
                    "<h2>Что мы делаем</h2>"
                    "<p>Кто мы и почему взялись за это дело, написано на странице "
                    '<a linktype="page" id="{o-nas}">«Кто мы»</a>.</p>'
                    "<h2>Кому написать</h2>"
                    "<p>Есть вопрос или хочется помочь делом? "
                    '<a linktype="page" id="{napisat-nam}">Напишите нам</a>: прочитаем и '
                    "ответим.</p>"
                ),
            }
        ],
    },
)
BLUEPRINTS = {one.key: one for one in (BASIC, LANDING, GROUP)}
