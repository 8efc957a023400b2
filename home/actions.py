"""What becomes of a visitor's message."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from wagtail.models import Site

from home import mail
from home.contact import FormMessage, FormPage
from site_settings.legal import record_version
from site_settings.models import LegalKind
from tenancy.outbox import LONGEST_RUN, send_due
from tenancy.scope import scoped, site_scope

KEPT = timedelta(days=365)  # as the consent says


@dataclass(frozen=True)
class Written:
    """What a visitor typed, checked. `key` makes a repeated submit one message."""

    answers: dict[str, Any]
    labels: list[tuple[str, str]]
    reply_to: str
    key: str
    shown_text: str = ""  # digest of the consent that stood on the page


def take_message(*, page: FormPage, site: Site, written: Written) -> None:
    """Keep the message and owe the letter about it, once for each key.

    The letter goes out after commit; the clock sends what the queue did not take.
    """
    with transaction.atomic():
        message = FormMessage(
            page_id=page.pk,
            site=site,
            key=written.key,
            form_data=written.answers,
            labels=written.labels,
            reply_to=written.reply_to,
            consent=record_version(site, LegalKind.MESSAGE, written.shown_text),
        )
        # What is here already, or is written by another click at this moment, stays one.
        FormMessage.objects.bulk_create([message], ignore_conflicts=True)

        def enqueue() -> None:
            deliver_messages.enqueue(site.pk)

        transaction.on_commit(enqueue, robust=True)


def send_owed_messages() -> int:
    """Send the letters about messages that are owed and due on the sites in scope."""
    rows = FormMessage.objects.select_related("site", "page")
    return send_due(rows, mail.send, until=time.monotonic() + LONGEST_RUN)


@task()
def deliver_messages(site_id: int) -> int:
    """The letters of one site as a background job. The worker's clock does the same."""
    with scoped(site_scope(Site.objects.get(pk=site_id))):
        return send_owed_messages()


def forget_old_messages() -> int:
    """Delete what was kept as long as people agreed to; returns how many. Run by the worker."""
    old = FormMessage.objects.filter(submit_time__lt=timezone.now() - KEPT)
    deleted, _by_model = old.delete()
    return deleted
