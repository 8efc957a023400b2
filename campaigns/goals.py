"""What a campaign sets out to do, as editors write it: how much, by when, in which steps."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail_localize.fields import SynchronizedField

from campaigns.blocks import BudgetLineBlock, StageBlock, lines_of
from campaigns.plan import Plan, Units
from content.fields import StreamField
from donations.money import MoneyField

# Said before the first gift; an editor may say it in other words.
IF_LESS = "Деньги пойдут на ту же цель: сделаем столько, на сколько их хватит, и расскажем здесь."
IF_MORE = (
    "Всё, что сверх цели, пойдёт на уставную деятельность организации. Об этом тоже расскажем."
)


class WhenReached(models.TextChoices):
    GO_ON = "go_on", _("go on: what comes more is used as said below")
    CLOSE = "close", _("close: no new donations")


class WithGoal(models.Model):
    """The fields of the plan. The page in the main language tells the fund of them."""

    by_link_only: bool

    goal = MoneyField(
        _("goal"),
        null=True,
        blank=True,
        help_text=_("In roubles. Without a goal the page shows no bar"),
    )
    deadline = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_("The day itself still counts. May be left empty"),
    )
    closes_at_deadline = models.BooleanField(
        _("take no donations after the last day"),
        default=False,
        help_text=_("Otherwise only the words change, and people can go on helping"),
    )
    unit_price = MoneyField(
        _("price of one"),
        null=True,
        blank=True,
        help_text=_("If you collect for several like things: 12 pens at 3,500"),
    )
    unit_count = models.PositiveIntegerField(_("how many"), null=True, blank=True)
    unit_noun = models.CharField(
        _("of what"),
        max_length=60,
        blank=True,
        help_text=_("As it stands after the number: 7 of 12 …"),
    )
    put_off_from = models.DateField(null=True, blank=True, editable=False)
    when_reached = models.CharField(
        _("when the goal is reached"),
        max_length=10,
        choices=WhenReached.choices,
        default=WhenReached.GO_ON,
    )
    if_less = models.TextField(
        _("if not all is collected"), max_length=300, blank=True, default=IF_LESS
    )
    if_more = models.TextField(
        _("if more is collected"), max_length=300, blank=True, default=IF_MORE
    )
    stages = StreamField(
        [("stage", StageBlock())],
        blank=True,
        verbose_name=_("stages"),
        help_text=_(
            "Each a thing people will see. Together they make the goal; money fills them in order"
        ),
    )
    budget = StreamField(
        [("line", BudgetLineBlock())],
        blank=True,
        verbose_name=_("what the sum is made of"),
        help_text=_("The lines together make the goal"),
    )

    class Meta:
        abstract = True

    @property
    def plan(self) -> Plan:
        units = None
        if self.unit_price and self.unit_count and self.unit_noun:
            units = Units(self.unit_price, self.unit_count, self.unit_noun)
        lines = tuple(lines_of(self.stages))
        return Plan(units, lines, self.put_off_from, self.by_link_only)


GOAL_PANEL = MultiFieldPanel(
    [
        "goal",
        FieldRowPanel(["unit_count", "unit_noun", "unit_price"]),
        FieldRowPanel(["deadline", "closes_at_deadline"]),
    ],
    heading=_("How much and by when"),
)
PROMISE_PANELS = [
    FieldPanel("stages"),
    FieldPanel("budget"),
    MultiFieldPanel(["if_less", "if_more", "when_reached"], heading=_("What we promise")),
]
GOAL_IN_ALL_LANGUAGES = [
    SynchronizedField("goal", overridable=False),
    SynchronizedField("deadline", overridable=False),
    SynchronizedField("closes_at_deadline", overridable=False),
    SynchronizedField("unit_price", overridable=False),
    SynchronizedField("unit_count", overridable=False),
    SynchronizedField("put_off_from", overridable=False),
    SynchronizedField("when_reached", overridable=False),
]
