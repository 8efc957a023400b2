"""What is drawn in the forms of a campaign and its news."""

from typing import Any

from django.db.models import Count, Q
from wagtail.admin.panels import Panel
from wagtail.models import Page, Site

from donations.actions.followers import can_follow
from donations.models import Follower

LAST_NEWS = 5


def followers_of(campaign: Page, site: Site | None) -> int:
    """How many get news of the campaign now. A number: addresses are nobody's to read here."""
    if site is None:
        return 0
    key = campaign.specific.fund_key
    return int(Follower.objects.of_site(site).following().filter(fund__key=key).count())


class MailingPanel(Panel):
    """On a piece of news: how many will get it by e-mail, or how many have got it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "campaigns/admin/mailing_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            from campaigns.news import mailing_of  # noqa: PLC0415 (the page has this panel)

            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            campaign = page.get_parent() if page.pk else self.form.parent_page
            site = campaign.get_site() if campaign else None
            mailing = mailing_of(page) if page.pk else None
            context["mailing"] = mailing
            if mailing is not None:
                context["letters"] = mailing.letters.count()
                context["sent"] = mailing.letters.exclude(sent_at=None).count()
            elif campaign is not None:
                context["followers"] = followers_of(campaign, site)
                context["is_hidden"] = not campaign.live
                context["rests"] = site is not None and not can_follow(site)
                context["is_main"] = site is None or campaign.locale_id == site.root_page.locale_id
            return context


class NewsPanel(Panel):
    """On a campaign: how many follow it, what they were told last, and the way to write more."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "campaigns/admin/news_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            from campaigns.news import UpdateMailing, UpdatePage  # noqa: PLC0415 (as above)

            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            context["campaign"] = page
            if not page.pk:
                return context
            context["followers"] = followers_of(page, page.get_site())
            news = list(UpdatePage.objects.child_of(page).order_by("-date", "-pk")[:LAST_NEWS])
            mailings = UpdateMailing.objects.filter(key__in=[one.translation_key for one in news])
            gone = Count("letters", filter=Q(letters__sent_at__isnull=False))
            numbers = dict(mailings.annotate(gone=gone).values_list("key", "gone"))
            context["news"] = [(one, numbers.get(one.translation_key)) for one in news]
            return context
