"""A password that is forgotten."""

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django_tasks import task

from accounts.limits import (
    PASSWORD_LETTERS,
    PASSWORD_LETTERS_FROM_ADDRESS,
    TooManyTries,
    count_tries,
)
from accounts.managers import normalise_email
from accounts.models import User
from tenancy.scope import unrestricted


def ask_for_password_letter(*, email: str, address: str) -> None:
    """A letter with a link goes to `email` if somebody has that login. The caller never learns.

    Known or not, one look-up and one task; at the limits, quietly nothing.
    """
    email = normalise_email(email)
    try:
        count_tries((PASSWORD_LETTERS_FROM_ADDRESS, address), (PASSWORD_LETTERS, email))
    except TooManyTries:
        return
    with unrestricted("a forgotten password: the address may belong to anybody"):
        pk = User.objects.filter(email=email).values_list("pk", flat=True).first()
    send_password_letter.enqueue(pk or 0)


@task()
def send_password_letter(user_id: int) -> None:
    """Write the letter, with Django's own link of one use. Nobody has the number 0."""
    with unrestricted("a forgotten password: the address may belong to anybody"):
        user = User.objects.filter(pk=user_id).first()
        form = PasswordResetForm({"email": user.email if user else ""})
        if user is None or not form.is_valid():
            return
        form.save(
            domain_override=settings.ADMIN_HOST,
            subject_template_name="wagtailadmin/account/password_reset/email_subject.txt",
            email_template_name="wagtailadmin/account/password_reset/email.txt",
        )
