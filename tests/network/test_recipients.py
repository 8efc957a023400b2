"""The gifts of a group go to an organisation that agreed: who sees them, who gives them back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from donations.actions.accounts import use_account
from donations.actions.funds import check_totals
from donations.actions.giving import CannotGive, Gift
from donations.actions.letters import deliver_letters, send_owed_letters
from donations.actions.monthly import charge_due
from donations.actions.payments import refresh_donation
from donations.actions.reconciliation import reconcile
from donations.actions.transfers import promise_transfer
from donations.models import (
    Acceptance,
    Donation,
    DonationEvent,
    Fund,
    Letter,
    PaymentAccount,
    Subscription,
)
from network.actions.recipients import Consent, agree_on_recipient, withdraw_recipient
from network.actions.states import archive_site, pause_site, reopen_site
from network.leaving import Refused
from network.leaving.exporting import export_site
from site_settings.models import LegalText, Organisation, RecipientAgreement
from tenancy.membership import user_scope
from tenancy.models import AuditEntry, Role
from tenancy.scope import scoped, site_scope
from tests.conftest import SiteClient
from tests.emulator import YooKassaEmulator
from tests.home.conftest import FillSite, fill_site
from tests.home.test_public_pages import MOST_QUERIES, queries_of
from tests.network.recipients import REQUISITES, World

__all__ = ["fill_site"]  # a fixture of another package

MakePerson = Callable[..., User]
AdminAs = Callable[[User], SiteClient]
Give = Callable[..., Donation]


def page(world: World) -> str:
    """The answer to a form with nothing in it: the form again, or why there is none."""
    browser = SiteClient(world.group.hostname)
    answer = browser.send_form("/donations/start/", {"fund": str(world.fund.public_id)})
    return " ".join(answer.content.decode().split())


def test_gift_of_a_group_is_the_recipients_by_account_texts_purpose_and_letter(
    world: World, give: Give, mailoutbox: list[Any]
) -> None:
    donation = give(world.fund, pay=True)
    assert donation.site == world.group
    assert donation.account.site == world.recipient
    assert donation.purpose == "Пешком к морю: Уставная деятельность"
    texts = {text.kind: text.body for text in LegalText.objects.filter(site=world.group)}
    assert "АНО «Получатель» (ИНН 7707083893" in texts["offer"]
    assert "группа «Пешком к морю»" in texts["offer"]
    assert "Кому: АНО «Получатель», ИНН 7707083893" in texts["consent"]
    send_owed_letters()
    assert "Деньги для группы «Пешком к морю» получила организация: АНО «Получатель»." in (
        mailoutbox[0].body
    )
    assert check_totals() == []


def test_page_says_who_receives_the_money(world: World) -> None:
    assert (
        "Деньги для группы «Пешком к морю» получает и учитывает АНО «Получатель»; "
        "эта организация за них и отвечает." in page(world)
    )


def test_campaign_page_of_a_group_asks_few_questions(world: World, fill_site: FillSite) -> None:
    (campaign,) = fill_site(world.group)
    visitor = SiteClient(world.group.hostname)
    one = queries_of(visitor, "/sbory/pandus-0/")
    assert len(one) <= MOST_QUERIES, "\n".join(sql[sql.find(" FROM ") :][:330] for sql in one)
    for number in (1, 2):
        campaign.copy(update_attrs={"slug": f"copy-{number}"})
    assert len(queries_of(visitor, "/sbory/pandus-0/")) == len(one)


def test_offer_is_dated_from_the_day_the_recipient_changes(world: World) -> None:
    def offers() -> list[bool]:
        rows = LegalText.objects.filter(site=world.group, kind="offer").order_by("pk")
        return ["АНО «Получатель»" in row.body for row in rows]

    assert offers() == [True]
    withdraw_recipient(agreement=world.agreement, by=None)
    assert offers() == [True, False]


def test_texts_of_an_organisation_say_nothing_of_groups(world: World) -> None:
    text = SiteClient(world.recipient.hostname).get("/legal/offer/").content.decode()
    assert "группа" not in text


def test_donor_pays_on_the_groups_own_site(world: World, give: Give) -> None:
    donation = give(world.fund)
    browser = SiteClient(world.group.hostname)
    address = f"/donations/sandbox/{donation.external_id}/"
    assert browser.get(address).status_code == 200
    browser.send_form(address, {"decision": "pay"})
    assert browser.get(f"/donations/{donation.public_id}/").status_code == 200
    assert Donation.objects.get().state == "succeeded"
    assert (
        SiteClient(world.recipient.hostname).get(f"/donations/{donation.public_id}/").status_code
        == 404
    )


def test_recipients_accountant_sees_the_gift_and_nothing_else_of_the_group(
    world: World, give: Give, accountant: SiteClient, admin_as: AdminAs, make_person: MakePerson
) -> None:
    donation = give(world.fund, pay=True, email="zzdonor@example.org")
    listed = accountant.get("/admin/donations/").content.decode()
    assert "zzdonor@example.org" in listed
    assert "Пешком к морю: Уставная деятельность" in listed
    assert accountant.get(f"/admin/donations/{donation.pk}/").status_code == 200
    for path in (
        f"/admin/pages/{world.group.root_page_id}/",
        f"/admin/payments/{world.group.pk}/",
        f"/admin/bank/{world.group.pk}/",
        f"/admin/settings/site_settings/organisation/{world.group.pk}/",
        f"/admin/settings/site_settings/appearance/{world.group.pk}/",
    ):
        assert accountant.get(path).status_code == 404, path


def test_recipients_accountant_takes_the_gifts_of_her_own_books_as_a_file(
    world: World, give: Give, accountant: SiteClient, open_a_site: Callable[..., Any]
) -> None:
    give(world.fund, pay=True, email="zzdonor@example.org")
    withdraw_recipient(agreement=world.agreement, by=None)
    third = open_a_site("third").site
    Organisation.objects.filter(site=third).update(inn="7707083893")
    consent = Consent(third, "Пётр", date(2026, 3, 2))
    agree_on_recipient(site=world.group, consent=consent, by=None)
    give(world.fund, pay=True, email="zzother@example.org")
    answer: Any = accountant.get("/admin/donations/?export=csv")
    heads, *rows = answer.getvalue().decode().splitlines()
    assert heads.endswith("Электронная почта;Получатель")
    assert len(rows) == 1
    assert "Пешком к морю: Уставная деятельность" in rows[0]
    assert rows[0].endswith("zzdonor@example.org;АНО «Получатель»")
    assert AuditEntry.objects.get(what="list exported").site == world.group


def test_groups_people_take_no_file_of_gifts_in_anothers_books(
    world: World, give: Give, admin_as: AdminAs, make_person: MakePerson
) -> None:
    give(world.fund, pay=True, email="zzdonor@example.org")
    answer: Any = admin_as(make_person(Role.ACCOUNTANT, world.group)).get(
        "/admin/donations/?export=csv"
    )
    assert b"zzdonor" not in answer.getvalue()


def test_other_people_of_the_recipient_see_none_of_it(
    world: World, give: Give, admin_as: AdminAs, make_person: MakePerson
) -> None:
    donation = give(world.fund, pay=True, name="Zzname", show_name=True)
    editor = admin_as(make_person(Role.EDITOR, world.recipient))
    assert "Zzname" not in editor.get("/admin/donations/").content.decode()
    assert editor.get(f"/admin/donations/{donation.pk}/").status_code == 404


def test_gift_of_the_group_through_another_account_stays_unseen(
    world: World, give: Give, accountant: SiteClient, open_a_site: Callable[..., Any]
) -> None:
    withdraw_recipient(agreement=world.agreement, by=None)
    third = open_a_site("third").site
    Organisation.objects.filter(site=third).update(inn="7707083893")
    consent = Consent(third, "Пётр", date(2026, 3, 2))
    agree_on_recipient(site=world.group, consent=consent, by=None)
    donation = give(world.fund, pay=True, email="zzdonor@example.org")
    assert donation.account.site == third
    assert "zzdonor" not in accountant.get("/admin/donations/").content.decode()
    assert accountant.get(f"/admin/donations/{donation.pk}/").status_code == 404


def test_rows_themselves_are_seen_by_who_keeps_the_recipients_books_only(
    world: World, give: Give, make_person: MakePerson, open_a_site: Callable[..., Any]
) -> None:
    """Below every screen and policy: what the managers give in each scope."""
    give(world.fund, pay=True)
    third = open_a_site("third").site
    models = (Donation, DonationEvent, Letter, Acceptance, Fund)

    def seen(scope: Any) -> list[int]:
        with scoped(scope):
            return [model.objects.filter(site=world.group).count() for model in models]

    nothing = [0] * len(models)
    in_books = seen(user_scope(make_person(Role.ACCOUNTANT, world.recipient)))
    assert in_books == [1, 3, 1, 2, 1]
    assert seen(user_scope(make_person(Role.MANAGER, world.recipient))) == in_books
    assert seen(user_scope(make_person(Role.EDITOR, world.recipient))) == nothing
    assert seen(user_scope(make_person(Role.ACCOUNTANT, third))) == nothing
    assert seen(site_scope(world.recipient)) == nothing
    assert seen(site_scope(world.group)) == in_books


def test_fund_is_the_former_recipients_only_when_money_came_or_may_have_come(
    world: World, give: Give, make_person: MakePerson
) -> None:
    scope = user_scope(make_person(Role.ACCOUNTANT, world.recipient))
    give(world.fund)
    withdraw_recipient(agreement=world.agreement, by=None)

    def seen() -> int:
        with scoped(scope):
            return Fund.objects.filter(site=world.group).count()

    assert seen() == 1  # it may still be paid
    Donation.objects.update(state="canceled")
    assert seen() == 0
    Donation.objects.update(flag="provider says succeeded")
    assert seen() == 1


def test_groups_people_see_gifts_without_addresses_and_give_nothing_back(
    world: World, give: Give, admin_as: AdminAs, make_person: MakePerson
) -> None:
    donation = give(world.fund, pay=True, name="Анна", show_name=True, email="zz@example.org")
    for role in (Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER):
        person = admin_as(make_person(role, world.group))
        listed = person.get("/admin/donations/").content.decode()
        assert "Анна" in listed, role
        assert "zz@example.org" not in listed, role
        assert person.get(f"/admin/donations/{donation.pk}/").status_code == 404, role


def test_background_job_thanks_the_donor_of_a_group_in_the_recipients_name(
    world: World, give: Give, mailoutbox: list[Any]
) -> None:
    give(world.fund, pay=True)
    assert deliver_letters.func(world.group.pk) == 1
    assert "АНО «Получатель»" in mailoutbox[0].body


def test_withdrawn_agreement_closes_giving_with_a_sentence_and_keeps_the_books(
    world: World, give: Give, accountant: SiteClient
) -> None:
    donation = give(world.fund, pay=True)
    for _twice in range(2):
        withdraw_recipient(agreement=world.agreement, by=None)
    assert "больше этого не делает. Группа ищет другую." in page(world)
    with pytest.raises(CannotGive):
        give(world.fund)
    assert accountant.get(f"/admin/donations/{donation.pk}/").status_code == 200
    whats = AuditEntry.objects.filter(what__startswith="recipient").order_by("pk")
    assert [(row.site_id, row.what) for row in whats] == [
        (world.group.pk, "recipient agreed"),
        (world.recipient.pk, "recipient agreed"),
        (world.group.pk, "recipient withdrawn"),
        (world.recipient.pk, "recipient withdrawn"),
    ]


def test_payment_begun_before_the_withdrawal_counts(world: World, give: Give) -> None:
    donation = give(world.fund)
    withdraw_recipient(agreement=world.agreement, by=None)
    SiteClient(world.group.hostname)
    from_sandbox(donation)
    assert refresh_donation(donation, source="sweeper").counted


def from_sandbox(donation: Donation) -> None:
    browser = SiteClient(donation.site.hostname)
    browser.send_form(f"/donations/sandbox/{donation.external_id}/", {"decision": "pay"})


def test_archived_recipient_receives_nothing(world: World, give: Give) -> None:
    archive_site(site=world.recipient, typed_name=world.recipient.site_name, by=None)
    with pytest.raises(CannotGive):
        give(world.fund)


def test_paused_recipient_takes_nothing_for_the_group_and_its_name_stays(
    world: World, give: Give
) -> None:
    pause_site(site=world.recipient, by=None)
    assert "взяла передышку" in page(world)
    with pytest.raises(CannotGive):
        give(world.fund)
    with pytest.raises(CannotGive):
        promise_transfer(fund=world.fund, gift=Gift(Decimal(500), "anna@example.org", "key"))
    offer = SiteClient(world.group.hostname).get("/legal/offer/").content.decode()
    assert "АНО «Получатель»" in offer
    reopen_site(site=world.recipient, by=None)
    assert give(world.fund).account.site == world.recipient


def test_monthly_gift_of_the_group_waits_while_its_recipient_is_paused(
    world: World, give: Give
) -> None:
    give(world.fund, monthly=True, pay=True)
    monthly, notices = Subscription.objects.get(), Letter.objects.filter(kind="monthly_notice")
    pause_site(site=world.recipient, by=None)
    soon = datetime.combine(monthly.next_charge_on - timedelta(days=1), time(12), UTC)
    with time_machine.travel(soon, tick=False):
        charge_due()
        assert not notices.exists()
        reopen_site(site=world.recipient, by=None)
        charge_due()
        assert notices.count() == 1


def test_organisation_with_gifts_of_a_group_in_its_books_does_not_leave(
    world: World, give: Give, tmp_path: Path
) -> None:
    withdraw_recipient(agreement=world.agreement, by=None)
    place, site = tmp_path / "before.zip", world.recipient
    export_site(site=site, to=place, passphrase=None, tell=lambda *_: None)
    again = RecipientAgreement.objects.filter(pk=world.agreement.pk)
    again.update(withdrawn_at=None)
    give(world.fund, pay=True)
    again.update(withdrawn_at=timezone.now())
    with pytest.raises(Refused, match="В учёте этой организации есть пожертвования группы"):
        export_site(site=site, to=tmp_path / "after.zip", passphrase=None, tell=lambda *_: None)


def test_group_without_a_recipient_says_why_it_is_closed(world: World) -> None:
    RecipientAgreement.objects.all().delete()
    assert "группа не юридическое лицо" in page(world)


def test_group_takes_no_account_of_its_own(world: World) -> None:
    with pytest.raises(ValidationError):
        use_account(site=world.group, kind="yookassa", shop_id="1", secret_key="test_x", by=None)
    assert PaymentAccount.objects.filter(site=world.group).count() == 0


def test_transfer_goes_by_the_recipients_requisites_into_its_books(world: World) -> None:
    gift = Gift(amount=Decimal(500), email="anna@example.org", key="t:1")
    donation = promise_transfer(fund=world.fund, gift=gift)
    assert (donation.account.site, donation.account.shop_id) == (
        world.recipient,
        REQUISITES["account_number"],
    )
    shown = SiteClient(world.group.hostname).get(f"/donations/{donation.public_id}/transfer/")
    assert REQUISITES["account_number"] in shown.content.decode()


def test_notification_and_reconciliation_of_the_recipients_shop_know_the_groups_gift(
    world: World, give: Give, emulator: YooKassaEmulator
) -> None:
    emulator.add_shop("100500", "test_secret_of_lapy")
    account = use_account(
        site=world.recipient,
        kind="yookassa",
        shop_id="100500",
        secret_key="test_secret_of_lapy",
        by=None,
    )
    donation = give(world.fund)
    emulator.pay(str(donation.external_id))
    notice = {
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": donation.external_id},
    }
    told = SiteClient(world.recipient.hostname).post(
        f"/donations/yookassa/{account.token}/", notice, content_type="application/json"
    )
    assert told.status_code == 200
    assert Donation.objects.get().state == "succeeded"
    assert Fund.objects.get(pk=world.fund.pk).count == 1

    for model in (Letter, Acceptance, DonationEvent, Donation):
        model.objects.all().delete()
    now = timezone.now()
    reconcile(account=account, since=now - timedelta(days=1), until=now + timedelta(hours=1))
    brought_back = Donation.objects.get()
    assert (brought_back.site, brought_back.purpose) == (world.group, donation.purpose)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agreed_by": "  "}, "agreed_by"),
        ({"agreed_on": timezone.localdate() + timedelta(days=2)}, "agreed_on"),
        ({"recipient": "group"}, "recipient"),
        ({"recipient": "archived"}, "recipient"),
        ({"recipient": "bare"}, "recipient"),
        ({}, "recipient"),  # there is one already
    ],
)
def test_agreement_needs_a_person_a_day_and_an_organisation_with_requisites(
    world: World, open_a_site: Callable[..., Any], changes: dict[str, Any], field: str
) -> None:
    given = {"recipient": world.recipient, "agreed_by": "Ирина", "agreed_on": date(2026, 3, 1)}
    given |= changes
    if given["recipient"] == "group":
        given["recipient"] = world.group
    elif given["recipient"] == "bare":
        given["recipient"] = open_a_site("bare").site
    elif given["recipient"] == "archived":
        given["recipient"] = world.recipient
        archive_site(site=world.recipient, typed_name=world.recipient.site_name, by=None)
    with pytest.raises(ValidationError) as refused:
        agree_on_recipient(site=world.group, consent=Consent(**given), by=None)
    assert list(refused.value.message_dict) == [field]
    assert RecipientAgreement.objects.count() == 1
