"""A campaign page or the site's clock changed; the fund is told by name."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published, page_unpublished, post_page_move

from campaigns.actions import campaign_hidden, campaign_moved, campaign_published, clock_changed
from campaigns.languages import share_plan
from campaigns.mailing import campaign_shown, update_published
from campaigns.models import CampaignPage
from campaigns.news import UpdatePage
from site_settings.models import Organisation


def _published(instance: CampaignPage, **kwargs: Any) -> None:
    # The signal also comes when publishing is only scheduled.
    if instance.live:
        campaign_published(instance)
        share_plan(instance)
        campaign_shown(instance)


def _news_published(instance: UpdatePage, **kwargs: Any) -> None:
    if instance.live:
        update_published(instance)


def _hidden(instance: CampaignPage, **kwargs: Any) -> None:
    campaign_hidden(instance)


def _moved(instance: Any, **kwargs: Any) -> None:
    for page in CampaignPage.objects.descendant_of(instance, inclusive=True):
        campaign_moved(page)


def _organisation_saved(instance: Organisation, created: bool, raw: bool, **kwargs: Any) -> None:
    if not (created or raw):
        clock_changed(instance)


def connect() -> None:
    page_published.connect(_published, sender=CampaignPage, dispatch_uid="campaign published")
    page_published.connect(_news_published, sender=UpdatePage, dispatch_uid="news published")
    page_unpublished.connect(_hidden, sender=CampaignPage, dispatch_uid="campaign hidden")
    post_delete.connect(_hidden, sender=CampaignPage, dispatch_uid="campaign deleted")
    post_page_move.connect(_moved, dispatch_uid="campaign moved")
    post_save.connect(_organisation_saved, sender=Organisation, dispatch_uid="clock changed")
