"""Legal texts: the centre's wording with a site's requisites in it, and the site's own clause.

What a visitor reads is made of the wording and the requisites of that moment. A version becomes a
row (`LegalText`), dated and never changed, when the centre publishes a wording, when the site
changes its requisites or its clause, and at the latest when somebody accepts it: so the words that
were accepted can always be shown.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from wagtail.models import Site

from accounts.models import User
from site_settings.models import LegalKind, LegalText, LegalWording, Organisation
from site_settings.recipients import groups_of, receiver_of
from site_settings.wording import GROUP, PLACEHOLDERS, check_wording, fill_in
from tenancy.models import AuditEntry
from tenancy.scope import unrestricted
from tenancy.templatetags.quotes import inner_quotes

ACCEPTED_TEXTS = (LegalKind.OFFER, LegalKind.CONSENT)  # whoever gives accepts these
KEPT_WORDINGS, A_MINUTE = "legal-wordings", 60
FOLDER = Path(__file__).parent / "wordings"


@lru_cache
def original_wording(kind: str) -> str:
    """The wording that comes with the system."""
    return (FOLDER / f"{LegalKind(kind).value}.txt").read_text(encoding="utf-8").strip()


def published_wordings() -> dict[str, str]:
    """What the centre published last, by kind; by one query."""
    newest = LegalWording.objects.order_by().values("kind").annotate(last=Max("pk"))
    rows = LegalWording.objects.filter(pk__in=newest.values("last"))
    return {row.kind: row.body for row in rows}


def wording_in_force(kind: LegalKind) -> str:
    """What the centre published last, else the original one."""
    return published_wordings().get(kind) or original_wording(kind)


def _known_wordings() -> dict[str, str]:
    """The same for pages: they may be a minute late. A donor's acceptance names what was shown."""
    known: dict[str, str] | None = cache.get(KEPT_WORDINGS)
    if known is None:
        known = published_wordings()
        cache.set(KEPT_WORDINGS, known, A_MINUTE)
    return known


def _wording(kind: LegalKind) -> str:
    return _known_wordings().get(kind) or original_wording(kind)


@dataclass(frozen=True)
class Parties:
    """Whom a text is about."""

    organisation: Organisation
    group: str
    hostname: str

    def text(self, kind: LegalKind, wording: str) -> str:
        said = {"hostname": self.hostname, GROUP: inner_quotes(self.group)}
        values = {
            name: said[field] if field in said else str(getattr(self.organisation, field))
            for name, (_label, field) in PLACEHOLDERS.items()
        }
        text, clause = fill_in(wording, values), self.organisation.clause_of(kind)
        return f"{text}\n\n{clause}" if clause else text


def _parties(site: Site, own: Organisation) -> Parties:
    # Without a recipient nothing can be given, and the texts say only who the group is.
    return Parties(receiver_of(own) or own, own.name if own.is_group else "", site.hostname)


def current_text(site: Site, kind: LegalKind) -> str:
    """The wording in force: plain paragraphs parted by an empty line. In Russian by law."""
    return _parties(site, Organisation.for_site(site)).text(kind, _wording(kind))


def preview(*, body: str, site: Site, kind: LegalKind) -> str:
    """What a site would show. Raises ValidationError for a wording that cannot be filled in."""
    check_wording(body)
    return _parties(site, Organisation.for_site(site)).text(kind, body)


def shown_wordings(kinds: Iterable[LegalKind], own: Organisation, site: Site) -> str:
    """Names the wordings of this moment for a form: «kind:digest kind:digest».

    `own`: the settings row of the site itself, a group's too.
    """
    return " ".join(f"{kind}:{digest}" for kind, digest in _digests(kinds, own, site).items())


def _digests(kinds: Iterable[LegalKind], own: Organisation, site: Site) -> dict[LegalKind, str]:
    parties = _parties(site, own)
    return {kind: digest_of(parties.text(kind, _wording(kind))) for kind in kinds}


def digest_of(body: str) -> str:
    """What tells one wording from another: SHA-256 of the body, hex."""
    return hashlib.sha256(body.encode()).hexdigest()


def are_known_wordings(site: Site, shown: Mapping[str, str], kinds: Iterable[LegalKind]) -> bool:
    """Whether the words behind all digests can still be shown: in force, or recorded before."""
    digests = _digests(kinds, Organisation.for_site(site), site)
    return all(
        shown.get(kind) == digest
        or LegalText.objects.filter(site=site, kind=kind, digest=shown.get(kind, "")).exists()
        for kind, digest in digests.items()
    )


def record_version(site: Site, kind: LegalKind, shown: str = "") -> LegalText:
    """The row of the wording with the digest `shown`; of the one in force when nothing is known
    of what was shown. Made when there was none yet."""
    if shown:
        known = LegalText.objects.filter(site=site, kind=kind, digest=shown).first()
        if known is not None:
            return known
    body = current_text(site, kind)
    row, _created = LegalText.objects.get_or_create(
        site=site, kind=kind, digest=digest_of(body), defaults={"body": body}
    )
    return row


def record_versions(site: Site) -> None:
    """After a change of requisites or clauses: every text has a dated row, on the site and on those
    of groups it receives gifts for.
    """
    for kind in LegalKind:
        record_version(site, kind)
    with unrestricted("texts of groups name the organisation that receives their gifts"):
        for group in Site.objects.filter(pk__in=groups_of(site)).select_related("walls"):
            for kind in LegalKind:
                record_version(group, kind)


def publish_wording(*, kind: LegalKind, body: str, by: User) -> LegalWording:
    """Put a new wording in force for all sites; each gets a dated version of its own.

    Raises ValidationError when it cannot be filled in or changes nothing.
    """
    text = "\n".join(line.rstrip() for line in body.strip().splitlines())
    check_wording(text)
    if text == wording_in_force(kind):
        raise ValidationError(_("Nothing has changed: this wording is in force already."))
    with transaction.atomic(), unrestricted("a new wording of a legal text is for every site"):
        row = LegalWording.objects.create(kind=kind, body=text, by=by)
        AuditEntry.objects.create(
            site=None, by=by, what="legal wording published", details={"kind": kind, "id": row.pk}
        )
        _give_versions(kind, text)
        transaction.on_commit(partial(cache.delete, KEPT_WORDINGS))
    return row


def _give_versions(kind: LegalKind, wording: str) -> None:
    """By two queries, however many sites there are; a group asks for its recipient besides."""
    rows = []
    for own in Organisation.objects.select_related("site__walls"):
        body = _parties(own.site, own).text(kind, wording)
        rows.append(LegalText(site=own.site, kind=kind, digest=digest_of(body), body=body))
    LegalText.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
