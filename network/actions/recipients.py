"""An organisation of the network receives the gifts of a group that is no legal person."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Site

from accounts.models import User
from site_settings.legal import record_versions
from site_settings.models import Organisation, RecipientAgreement
from tenancy.models import AuditEntry, SiteState, state_of


@dataclass(frozen=True)
class Consent:
    """Which organisation agreed to receive a group's gifts, who said so there, and when."""

    recipient: Site
    agreed_by: str
    agreed_on: date


def agree_on_recipient(*, site: Site, consent: Consent, by: User | None) -> RecipientAgreement:
    """From now on the group's gifts go to the recipient's account, by its requisites and offer.

    Raises ValidationError by field: `recipient`, `agreed_by`, `agreed_on`.
    """
    check_consent(consent)
    if not Organisation.for_site(site).is_group or site.pk == consent.recipient.pk:
        raise ValidationError({"recipient": _("This site receives its donations itself.")})
    try:
        with transaction.atomic():
            agreement = RecipientAgreement.objects.create(
                site=site,
                recipient=consent.recipient,
                agreed_by=consent.agreed_by.strip(),
                agreed_on=consent.agreed_on,
                recorded_by=by,
            )
            record_versions(site)
            for whose, other in ((site, consent.recipient), (consent.recipient, site)):
                AuditEntry.objects.create(
                    site=whose,
                    by=by,
                    what="recipient agreed",
                    details={"agreement": agreement.pk, "with": other.pk},
                )
    except IntegrityError:
        raise ValidationError(
            {"recipient": _("There is a recipient already. Withdraw that agreement first.")}
        ) from None
    return agreement


def check_consent(consent: Consent) -> None:
    """Raise ValidationError by field unless the recipient can be one and the consent is whole."""
    if not consent.agreed_by.strip():
        raise ValidationError({"agreed_by": _("Write who agreed: name and post.")})
    if consent.agreed_on > timezone.localdate():
        raise ValidationError({"agreed_on": _("This day is still to come.")})
    organisation = Organisation.for_site(consent.recipient)
    if organisation.is_group or not organisation.inn:
        raise ValidationError(
            {"recipient": _("This site has no requisites itself. Choose one that has.")}
        )
    if state_of(consent.recipient) != SiteState.ACTIVE:
        raise ValidationError({"recipient": _("This site does not work now.")})


def withdraw_recipient(*, agreement: RecipientAgreement, by: User | None) -> None:
    """Nothing new is taken for the group. What came stays in the recipient's books. Quiet twice."""
    with transaction.atomic():
        withdrawn = RecipientAgreement.objects.filter(
            pk=agreement.pk, withdrawn_at__isnull=True
        ).update(withdrawn_at=timezone.now(), withdrawn_by=by)
        if not withdrawn:
            return
        record_versions(agreement.site)
        for whose in (agreement.site_id, agreement.recipient_id):
            AuditEntry.objects.create(
                site_id=whose,
                by=by,
                what="recipient withdrawn",
                details={"agreement": agreement.pk},
            )
