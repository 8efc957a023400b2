"""Legal texts, made from the requisites.

What a visitor reads is rendered from the template and the requisites of that moment. The first
time somebody accepts a wording it becomes a row (`LegalText`), dated and never changed, so the
words that were accepted can always be shown.
"""

import hashlib

from django.template.loader import render_to_string
from django.utils import translation
from wagtail.models import Site

from site_settings.models import LegalKind, LegalText, Organisation
from site_settings.recipients import receiver_of


def current_text(site: Site, kind: LegalKind) -> str:
    """The wording in force: plain paragraphs parted by an empty line. In Russian by law."""
    own = Organisation.for_site(site)
    # Without a recipient nothing can be given, and the texts say only who the group is.
    context = {
        "organisation": receiver_of(own) or own,
        "group": own if own.is_group else None,
        "site": site,
    }
    with translation.override("ru"):
        return render_to_string(f"site_settings/legal/{kind.value}.txt", context).strip()


def record_version(site: Site, kind: LegalKind) -> LegalText:
    """The row of the wording in force, made when nobody had accepted it yet."""
    body = current_text(site, kind)
    digest = hashlib.sha256(body.encode()).hexdigest()
    row, _created = LegalText.objects.get_or_create(
        site=site, kind=kind, digest=digest, defaults={"body": body}
    )
    return row
