"""What a letter says in each of its two forms."""

from django.core.mail import EmailMessage, EmailMultiAlternatives


def html_of(letter: EmailMessage) -> str:
    assert isinstance(letter, EmailMultiAlternatives)
    (html,) = letter.alternatives
    return str(html[0])
