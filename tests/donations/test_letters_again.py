"""Letters that fail are seen, sent again by a person, and go to the address that was corrected."""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from donations.actions.letters import resend_letter, send_owed_letters
from donations.actions.selfcheck import check_books
from donations.models import Donation, DonationEvent, Fund, Letter
from tenancy.models import AuditEntry, Role
from tests.conftest import SiteClient

Give = Callable[..., Donation]
MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]


@pytest.fixture
def accountant(make_person: MakePerson, site: Site, admin_as: AdminAs) -> SiteClient:
    return admin_as(make_person(Role.ACCOUNTANT, site))


@pytest.fixture
def thanked(fund: Fund, give: Give) -> Letter:
    """A gift whose letter has gone out."""
    donation = give(fund, "500.00", pay=True)
    assert send_owed_letters() == 1
    return Letter.objects.get(donation=donation)


@pytest.fixture
def failing(fund: Fund, give: Give, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """A gift whose letter the mail server did not take."""
    donation = give(fund, "500.00", pay=True, email="anna@exmaple.org")

    def fail(*_args: object, **_kwargs: object) -> None:
        raise SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
        assert send_owed_letters() == 0
    return Letter.objects.get(donation=donation)


def test_letter_is_sent_again_once_per_click_under_another_message_id(
    thanked: Letter, accountant: SiteClient
) -> None:
    address = f"/admin/letters/{thanked.pk}/again/"
    for _double_click in range(2):
        accountant.post(address, {"resends": "0"})
        send_owed_letters()
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    number, host = thanked.donation.public_id, thanked.site.hostname
    assert ids == [f"<{number}.thanks@{host}>", f"<{number}.thanks.1@{host}>"]
    assert Letter.objects.count() == 1
    entry = AuditEntry.objects.get(what="letter sent again")
    assert entry.details == {"letter": thanked.pk}
    accountant.post(address, {"resends": "1"})
    assert send_owed_letters() == 1


def test_letter_that_is_being_sent_is_left_to_its_sender(
    thanked: Letter, make_person: MakePerson, site: Site
) -> None:
    later = timezone.now() + timedelta(minutes=1)
    Letter.objects.update(sent_at=None, attempts=1, next_try_at=later, last_error="")
    resend_letter(letter=thanked, resends=0, by=make_person(Role.ACCOUNTANT, site))
    assert send_owed_letters() == 0


def test_corrected_address_gets_the_letter_and_stands_in_no_record(
    failing: Letter, accountant: SiteClient
) -> None:
    gift = failing.donation
    accountant.post(f"/admin/donations/{gift.pk}/address/", {"email": "anna@"})
    gift.refresh_from_db()
    assert gift.email == "anna@exmaple.org"

    accountant.post(f"/admin/donations/{gift.pk}/address/", {"email": " Anna@Example.ORG "})

    assert send_owed_letters() == 1
    assert mail.outbox[-1].to == ["Anna@example.org"]
    event = DonationEvent.objects.get(donation=gift, note="address corrected")
    entry = AuditEntry.objects.get(what="donor address corrected")
    assert (event.source, event.by, entry.details) == ("person", entry.by, {"donation": gift.pk})
    records = f"{AuditEntry.objects.values_list('details', 'what')}{event.note}{event.answer}"
    assert "anna" not in records.lower()


def test_whoever_gets_an_address_later_is_thanked_then(
    fund: Fund, give: Give, accountant: SiteClient
) -> None:
    gift = give(fund, "500.00", pay=True, email="")
    assert not Letter.objects.exists()
    accountant.post(f"/admin/donations/{gift.pk}/address/", {"email": "anna@example.org"})
    assert send_owed_letters() == 1
    assert mail.outbox[-1].to == ["anna@example.org"]
    assert check_books() == 0


def test_failing_letters_are_listed_and_those_of_the_neighbour_are_not(
    failing: Letter,
    site: Site,
    other_site: Site,
    accountant: SiteClient,
    make_person: MakePerson,
    admin_as: AdminAs,
) -> None:
    page = accountant.get("/admin/letters/").content.decode()
    assert "anna@exmaple.org" in page
    assert "почтовый сервер не принял письмо" in page
    neighbour = admin_as(make_person(Role.ACCOUNTANT, other_site))
    assert "Все письма отправлены." in neighbour.get("/admin/letters/").content.decode()
    # Seeing the pages of a site is not keeping its books.
    email = f"accountant@{other_site.hostname}.example.org"
    neighbour = admin_as(make_person(Role.EDITOR, site, email=email))
    assert "Все письма отправлены." in neighbour.get("/admin/letters/").content.decode()
    for address, data in (
        (f"/admin/letters/{failing.pk}/again/", {"resends": "0"}),
        (f"/admin/donations/{failing.donation_id}/address/", {"email": "thief@example.org"}),
    ):
        editor = admin_as(make_person(Role.EDITOR, site))
        for browser in (neighbour, editor):
            assert browser.post(address, data).status_code == 404
    assert editor.get("/admin/letters/").status_code == 404
    failing.donation.refresh_from_db()
    assert failing.donation.email == "anna@exmaple.org"
    assert AuditEntry.objects.filter(what="letter sent again").count() == 0
