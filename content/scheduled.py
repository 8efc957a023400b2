"""Pages that come and go at a time an editor chose."""

import logging

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import Page, Revision

from tenancy.archived import what_is_archived

log = logging.getLogger(__name__)


def publish_scheduled() -> int:
    """What Wagtail's command of this name does, but for archived sites: nothing changes there
    until they are open again. Returns how many pages came or went.
    """
    now, archived, done = timezone.now(), what_is_archived(), 0
    for page in list(Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at")):
        if not archived.has_page(page):
            page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
            done += 1
    for revision in list(Revision.page_revisions.filter(approved_go_live_at__lt=now)):
        if archived.has_page(revision.content_object):
            continue
        try:
            revision.publish(log_action="wagtail.publish.scheduled")
        except ValidationError:  # what was right when it was written; the others must not wait
            log.exception("revision %s cannot be published", revision.pk)
        else:
            done += 1
    return done
