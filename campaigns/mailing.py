"""News given to the post: owed to everybody who follows when they are published, sent once."""

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from wagtail.models import Site

from campaigns import mail
from campaigns.models import CampaignPage
from campaigns.news import UpdateLetter, UpdateMailing, UpdatePage
from donations.models import Follower, Fund
from tenancy.models import SiteState, state_of
from tenancy.outbox import BATCH, LONGEST_RUN, send_one
from tenancy.scope import scoped, site_scope

# News that the mail or a pause of the site held up for longer are news no more.
NEWS_LIVE = timedelta(days=14)
AT_ONCE = 500


def update_published(page: UpdatePage) -> None:
    """A piece of news is public: a letter is owed to everybody who follows the campaign now.

    Once for each piece of news, whatever is published of it later. Only the page in the main
    language speaks to the post, and only below a campaign that can be seen.
    """
    site = page.get_site()
    if site is None or not page.by_mail or not page.is_in_main_language(site):
        return
    campaign = page.campaign
    if not page.is_public or state_of(site) == SiteState.ARCHIVED:
        return
    fund = Fund.objects.of_site(site).filter(key=campaign.fund_key).first()
    if fund is None:
        return
    with transaction.atomic():
        mailing, is_new = UpdateMailing.objects.get_or_create(
            key=page.translation_key, defaults={"site": site, "fund": fund, "page": page}
        )
        if is_new:
            followers = Follower.objects.filter(fund=fund).following().values_list("pk", flat=True)
            UpdateLetter.objects.bulk_create(
                (
                    UpdateLetter(site=site, mailing=mailing, follower_id=follower)
                    for follower in list(followers)
                ),
                batch_size=AT_ONCE,
            )
            transaction.on_commit(lambda: deliver_news.enqueue(site.pk), robust=True)


def campaign_shown(campaign: CampaignPage) -> None:
    """What was published while the campaign was hidden is owed now, unless it has grown old."""
    since = timezone.now() - NEWS_LIVE
    news = UpdatePage.objects.live().child_of(campaign).filter(last_published_at__gt=since)
    for page in news.order_by("first_published_at", "pk"):
        update_published(page)


def _owed() -> QuerySet[UpdateLetter]:
    """Letters that are due now and may go. What is hidden, or on a site that rests, waits."""
    letters = UpdateLetter.objects.filter(
        sent_at=None,
        next_try_at__lte=timezone.now(),
        owed_at__gt=timezone.now() - NEWS_LIVE,
        mailing__page__in=UpdatePage.objects.public(),
        follower__confirmed_at__isnull=False,
        follower__left_at=None,
    )
    return letters.exclude(site__walls__state__in=(SiteState.PAUSED, SiteState.ARCHIVED))


def send_owed_news() -> int:
    """Send what is owed and due on the sites in scope; returns how many letters went out.

    Stops after a minute.
    """
    end = time.monotonic() + LONGEST_RUN
    letters = (
        _owed()
        .select_related("site", "mailing__page", "follower__fund", "follower__site")
        .order_by("next_try_at", "pk")[:BATCH]
    )
    return sum(
        send_one(letter, mail.send_news)
        for letter in letters
        # What is refused or hidden while a batch goes out holds for the rest of it.
        if time.monotonic() < end and _owed().filter(pk=letter.pk).exists()
    )


@task(queue_name="default")
def deliver_news(site_id: int) -> int:
    """The news of one site as a background job. Also sent by the worker's clock, so nothing
    depends on it."""
    with scoped(site_scope(Site.objects.get(pk=site_id))):
        return send_owed_news()
