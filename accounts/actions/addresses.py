"""Another e-mail address to sign in with: it counts once a letter to it has been answered."""

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tasks import task

from accounts import mail
from accounts.limits import LETTERS_OF_CHANGE, count_tries
from accounts.models import User
from tenancy.models import AuditEntry
from tenancy.scope import unrestricted

SALT = "accounts.address"
LIFETIME = 24 * 3600


def ask_to_confirm(*, user: User, email: str) -> None:
    """A letter with a link goes to the new address. Raises TooManyTries.

    Taken or not, the answer is the same: who has an account here is nobody's business.
    """
    count_tries((LETTERS_OF_CHANGE, str(user.pk)))
    send_address_letter.enqueue(user.pk, email)


@task()
def send_address_letter(user_id: int, email: str) -> None:
    with unrestricted("is the new address free"):
        user = User.objects.get(pk=user_id)
        if not User.objects.filter(email=email).exists():
            mail.new_address(email, token=token_for(user=user, email=email))


def token_for(*, user: User, email: str) -> str:
    """It works once: the address it starts from is part of it."""
    return signing.dumps([user.pk, user.email, email], salt=SALT)


def confirm(*, user: User, token: str) -> None:
    """From now on the person signs in with the new address; the old one gets a letter.

    Raises ValidationError for a link that is forged, old, used, or another person's.
    """
    try:
        pk, old, new = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        pk, old, new = None, "", ""
    with unrestricted("the new address must be nobody's"), transaction.atomic():
        person = User.objects.select_for_update().filter(pk=pk, email=old).first()
        if person is None or person.pk != user.pk:
            raise ValidationError(_("This link no longer works. Ask for a new letter."))
        person.email = new
        try:
            with transaction.atomic():
                person.save(update_fields=["email"])
        except IntegrityError:
            raise ValidationError(_("This link no longer works. Ask for a new letter.")) from None
        AuditEntry.objects.create(site=None, by=person, what="address changed")
        transaction.on_commit(lambda: tell_old_address.enqueue(old), robust=True)


@task()
def tell_old_address(email: str) -> None:
    mail.address_changed(email)
