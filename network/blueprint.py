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


def _side_by_side(left: str, right: str) -> dict[str, Any]:
    columns = {"left": left, "right": right}
    value = {side: [{"type": "text", "value": words}] for side, words in columns.items()}
    return {"type": "columns", "value": value}


def _questions(*pairs: tuple[str, str]) -> dict[str, Any]:
    items = [{"question": question, "answer": f"<p>{answer}</p>"} for question, answer in pairs]
    return {"type": "faq", "value": {"heading": "", "items": items}}


HELP_BY_HAND = (
    "<h2>Помочь делом</h2><p>Руки, вещи, знания и рассказ друзьям тоже помогают. "
    '<a linktype="page" id="{napisat-nam}">Напишите нам</a>: прочитаем и ответим.</p>'
)
HOW_IT_WENT = (
    "Как узнать, что получилось?",
    "Расскажем на странице сбора: что сделали и на что потратили.",
)


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
    home={
        "lead": "Рассказываем, кому помогаем, как идут дела и чем можно помочь.",
        "body": [
            _side_by_side(
                "<h2>Кто мы</h2><p>Кому мы помогаем и почему взялись за это, написано на странице "
                '<a linktype="page" id="{o-nas}">«О нас»</a>.</p>',
                HELP_BY_HAND,
            ),
        ],
    },
)
LANDING = Blueprint(
    key="landing",
    label=_("One campaign"),
    hint=_("Home that shows one campaign, its page, contacts: nothing to distract"),
    pages=(_campaigns(in_menu=False), CONTACTS),
    home={
        "lead": "Собираем на одно дело и рассказываем, как оно идёт.",
        "body": [
            _side_by_side(
                "<h2>Помочь деньгами</h2><p>Когда сбор открыт, он стоит на этой странице. Выберите "
                "сумму и оплатите: хватит минуты и телефона. На почту придёт письмо.</p>",
                HELP_BY_HAND,
            ),
            _questions(
                (
                    "На что пойдут деньги?",
                    "На то, что названо в сборе. Там же видно, сколько нужно и сколько уже есть.",
                ),
                HOW_IT_WENT,
                (
                    "Кому задать вопрос?",
                    '<a linktype="page" id="{napisat-nam}">Напишите нам</a> или загляните в '
                    '<a linktype="page" id="{kontakty}">контакты</a>.',
                ),
            ),
        ],
    },
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
            _side_by_side(
                "<h2>Что мы делаем</h2><p>Мы не организация, а люди, которые взялись за одно дело. "
                'Познакомиться с нами можно на странице <a linktype="page" id="{o-nas}">«Кто '
                "мы»</a>.</p>",
                HELP_BY_HAND,
            ),
            _questions(
                (
                    "Кто получает деньги?",
                    "Группа не юридическое лицо, поэтому деньги за неё может получать только "
                    "организация, которая на это согласилась. Пока такой организации нет, мы не "
                    "принимаем пожертвования. Когда она есть, она названа рядом с формой "
                    "пожертвования, ведёт учёт и отвечает за каждый рубль.",
                ),
                HOW_IT_WENT,
            ),
        ],
    },
)
BLUEPRINTS = {one.key: one for one in (BASIC, LANDING, GROUP)}
