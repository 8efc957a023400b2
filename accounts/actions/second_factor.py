"""The second factor: a code from the phone after the password, and recovery codes for a bad day."""

import secrets

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp import match_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Site

from accounts.limits import CODES, count_tries, forget_tries
from accounts.models import User
from tenancy.models import AuditEntry, Role, RoleGroup
from tenancy.scope import unrestricted

RECOVERY_CODES = 10
KEY_SALT = "accounts.second_factor"
KEY_LIFETIME = 3600
KEEPS_MONEY_OR_PEOPLE = (Role.ACCOUNTANT, Role.MANAGER, Role.COORDINATOR)


def has_second_factor(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user.pk, confirmed=True).exists())


def must_have_second_factor(user: User) -> bool:
    """Whoever sees money, people or the whole network, unless the installation says otherwise."""
    if not settings.REQUIRE_2FA:
        return False
    roles = RoleGroup.objects.filter(group__user=user.pk, role__in=KEEPS_MONEY_OR_PEOPLE)
    return user.is_superuser or roles.exists()


def propose_key(user: User) -> str:
    """A new secret, sealed for this person: nothing is stored before a code proves it arrived."""
    return signing.dumps([user.pk, secrets.token_hex(20)], salt=KEY_SALT)


def proposed_device(user: User, sealed: str) -> TOTPDevice:
    """The device of a proposed secret, not saved. Raises ValidationError when it is too old."""
    try:
        owner, key = signing.loads(sealed, salt=KEY_SALT, max_age=KEY_LIFETIME)
    except signing.BadSignature:
        owner, key = None, ""
    if owner != user.pk:
        raise ValidationError(_("This page is too old. Begin once more."))
    return TOTPDevice(user=user, name="phone", key=key)


def enrol(*, user: User, device: TOTPDevice, code: str) -> tuple[Device, list[str]]:
    """The phone shows the right code: from now on it is asked for. Returns the recovery codes.

    Raises ValidationError for a wrong code, and when there is a phone already.
    """
    count_tries((CODES, str(user.pk)))
    with unrestricted("one's own second factor"), transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if has_second_factor(user):
            raise ValidationError(_("A phone is connected already."))
        if not device.verify_token(_digits(code)):
            raise ValidationError(_("The code is not right. Look at the newest one in the app."))
        AuditEntry.objects.create(site=None, by=user, what="second factor set")
        codes = make_recovery_codes(user=user)
    forget_tries((CODES, str(user.pk)))
    return device, codes


def make_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes of one use each; the old ones no longer work."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user.pk).delete()
        device = StaticDevice.objects.create(user_id=user.pk, name="recovery codes")
        codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user.pk).count())


def check_code(*, user: User, code: str) -> Device:
    """The device a code came from. A code is taken once. Raises ValidationError, TooManyTries."""
    count_tries((CODES, str(user.pk)))
    device = match_token(user, _digits(code))
    if device is None:
        raise ValidationError(_("The code is not right. Look at the newest one in the app."))
    forget_tries((CODES, str(user.pk)))
    return device


def _digits(code: str) -> str:
    """As people type it: `123 456`, `ABCD-EFGH`."""
    return "".join(code.split()).replace("-", "").lower()


def turn_off(*, user: User) -> None:
    """No code is asked for any more (until the next enrolment, for those who must have one)."""
    _forget_devices(user)
    AuditEntry.objects.create(site=None, by=user, what="second factor turned off")


def reset_second_factor(*, person: User, site: Site | None = None, by: User | None) -> None:
    """The phone is lost: a person of trust lets them in by the password alone, once.

    Every open session of theirs ends. Who had to have a second factor sets it up at the next
    sign-in.
    """
    with transaction.atomic():
        _forget_devices(person)
        person.end_sessions()
        AuditEntry.objects.create(
            site=site, by=by, what="second factor reset", details={"person": person.pk}
        )


def _forget_devices(user: User) -> None:
    TOTPDevice.objects.filter(user=user.pk).delete()
    StaticDevice.objects.filter(user=user.pk).delete()
