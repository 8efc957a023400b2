"""Legal texts, made from the requisites.

What a visitor reads is rendered from the template and the requisites of that moment. The first
time somebody accepts a wording it becomes a row (`LegalText`), dated and never changed, so the
words that were accepted can always be shown.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from wagtail.models import Site

from site_settings.models import LegalKind, LegalText, Organisation
from site_settings.recipients import receiver_of

ACCEPTED_TEXTS = (LegalKind.OFFER, LegalKind.CONSENT)  # whoever gives accepts these


def current_text(site: Site, kind: LegalKind) -> str:
    """The wording in force: plain paragraphs parted by an empty line. In Russian by law."""
    return _wording(kind, _parties(site, Organisation.for_site(site)))


def _parties(site: Site, own: Organisation) -> dict[str, Any]:
    # Without a recipient nothing can be given, and the texts say only who the group is.
    return {
        "organisation": receiver_of(own) or own,
        "group": own if own.is_group else None,
        "site": site,
    }


def _wording(kind: LegalKind, parties: dict[str, Any]) -> str:
    with translation.override("ru"):
        return render_to_string(f"site_settings/legal/{kind.value}.txt", parties).strip()


def shown_wordings(kinds: Iterable[LegalKind], own: Organisation, site: Site) -> str:
    """Names the wordings of this moment for a form: «kind:digest kind:digest».

    `own`: the settings row of the site itself, a group's too.
    """
    parties = _parties(site, own)
    return " ".join(f"{kind}:{digest_of(_wording(kind, parties))}" for kind in kinds)


def digest_of(body: str) -> str:
    """What tells one wording from another: SHA-256 of the body, hex."""
    return hashlib.sha256(body.encode()).hexdigest()


def are_known_wordings(site: Site, shown: Mapping[str, str], kinds: Iterable[LegalKind]) -> bool:
    """Whether the words behind all digests can still be shown: in force, or accepted before."""
    parties = _parties(site, Organisation.for_site(site))
    return all(
        shown.get(kind) == digest_of(_wording(kind, parties))
        or LegalText.objects.filter(site=site, kind=kind, digest=shown.get(kind, "")).exists()
        for kind in kinds
    )


def record_version(site: Site, kind: LegalKind, shown: str = "") -> LegalText:
    """The row of the wording with the digest `shown`; of the one in force when nothing is known
    of what was shown. Made when nobody had accepted it yet."""
    if shown:
        known = LegalText.objects.filter(site=site, kind=kind, digest=shown).first()
        if known is not None:
            return known
    body = current_text(site, kind)
    digest = digest_of(body)
    row, _created = LegalText.objects.get_or_create(
        site=site, kind=kind, digest=digest, defaults={"body": body}
    )
    return row
