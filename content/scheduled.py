"""Pages that come and go at a time an editor chose."""

import logging
from collections.abc import Callable
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter
from wagtail.log_actions import log as write_history
from wagtail.models import Page, PageLogEntry, Revision

from tenancy.archived import what_is_archived

log = logging.getLogger(__name__)

REFUSED = "content.schedule.refused"


def publish_scheduled() -> int:
    """What Wagtail's command of this name does, but for archived sites: nothing changes there
    until they are open again. Returns how many pages came or went.
    """
    now, archived, done = timezone.now(), what_is_archived(), 0
    for page in list(Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at")):
        if not archived.has_page(page):
            go = partial(page.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled")
            done += _failure(page.pk, go) is None
    for revision in list(Revision.page_revisions.filter(approved_go_live_at__lt=now)):
        if archived.has_page(revision.content_object):
            continue
        come = partial(revision.publish, log_action="wagtail.publish.scheduled")
        failure = _failure(revision.object_id, come)
        if isinstance(failure, ValidationError):  # it was right when it was written
            _give_up(revision, failure)
        done += failure is None
    return done


def _failure(page: object, action: Callable[[], object]) -> Exception | None:
    """What went wrong with this page: the others must not wait for it."""
    try:
        with transaction.atomic():
            action()
    except Exception as error:
        log.error("page %s cannot be published or taken off: %s", page, type(error).__name__)
        return error
    return None


def _give_up(revision: Revision, error: ValidationError) -> None:
    """It stays a draft until a person mends it: the history of the page says why."""
    write_history(
        instance=revision.content_object,
        action=REFUSED,
        revision=revision,
        data={"why": " ".join(error.messages)},
    )
    # Wagtail's `save` would write into the history that somebody took the time off.
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)


def why_it_did_not_come_out(page: Page) -> str:
    """Words for the editor, as long as nothing was done with the page since; else «»."""
    last = PageLogEntry.objects.filter(page=page.pk).order_by("-timestamp", "-pk").first()
    return str(last.message) if last is not None and last.action == REFUSED else ""


class DidNotComeOut(LogFormatter):
    label = gettext_lazy("Did not come out at the set time")

    def format_message(self, log_entry: PageLogEntry) -> str:
        return _(
            "The page did not come out at the set time: %(why)s Mend it and set the time anew."
        ) % {"why": log_entry.data["why"]}
