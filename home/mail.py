"""The letter to the organisation about what a visitor has written."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from home.contact import FormMessage
from site_settings.models import Organisation
from tenancy.models import Role, RoleGroup
from tenancy.scope import unrestricted


class NobodyToWriteTo(Exception):
    """The site has neither an address nor people: the letter stays owed."""


def send(message: FormMessage) -> None:
    """Raises OSError or SMTPException when the mail server fails, and NobodyToWriteTo."""
    organisation = Organisation.for_site(message.site)
    to = [organisation.email] if organisation.email else _people(message)
    if not to:
        raise NobodyToWriteTo
    path = reverse("wagtailforms:list_submissions", args=[message.page_id])
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "form": message.page.title,
            "site": message.site.site_name or message.site.hostname,
            "answers": message.answers,
            "written_at": timezone.localtime(message.submit_time, organisation.zone),
            "can_answer": bool(message.reply_to),
            "link": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
        }
        text = render_to_string("home/letters/message.txt", context)
        html = render_to_string("home/letters/message.html", context)
    subject, _, body = text.partition("\n")
    letter = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=body.lstrip("\n"),
        to=to,
        reply_to=[message.reply_to] if message.reply_to else None,
        # The same for every try, so a repeat after a crash is seen as a repeat.
        headers={"Message-ID": f"<message.{message.pk}@{message.site.hostname}>"},
    )
    letter.attach_alternative(html, "text/html")
    letter.send()


def _people(message: FormMessage) -> list[str]:
    """Those who write the pages of the site, until its public address is known."""
    roles = (Role.EDITOR, Role.MANAGER)
    groups = RoleGroup.objects.filter(site_id=message.site_id, role__in=roles).values("group_id")
    with unrestricted("the people of this one site, for a letter that nobody sends by hand"):
        people = User.objects.filter(groups__in=groups, is_active=True).distinct()
        return list(people.order_by("pk").values_list("email", flat=True))
