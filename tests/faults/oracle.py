"""The oracle stands outside: our books are compared with the emulator's own ledger."""

from collections import Counter
from decimal import Decimal

from django.core import mail
from django.db.models import Count

from donations.actions.funds import check_totals
from donations.models import Donation, DonationEvent, DonationState, Fund, Letter
from tests.emulator import YooKassaEmulator


def damage(emulator: YooKassaEmulator) -> list[str]:
    """What is wrong with our books, in words; [] when they are the provider's ledger."""
    payments = emulator.payments()
    paid = [one for one in payments if one["status"] == "succeeded"]
    theirs = {one["id"]: Decimal(one["amount"]["value"]) for one in paid}
    ours = dict(Donation.objects.paid().values_list("external_id", "amount"))
    references = Counter(one["metadata"]["donation"] for one in payments)
    wrong = [f"lost: {one}" for one in theirs.keys() - ours.keys()]
    wrong += [f"phantom: {one}" for one in ours.keys() - theirs.keys()]
    wrong += [f"another sum: {one}" for one in theirs.keys() & ours if theirs[one] != ours[one]]
    wrong += [f"paid for twice: {one}" for one, number in references.items() if number > 1]
    wrong += [f"flag: {gift.flag}" for gift in Donation.objects.exclude(flag="")]
    return wrong + _in_totals(emulator, theirs) + _doubled()


def _in_totals(emulator: YooKassaEmulator, theirs: dict[str, Decimal]) -> list[str]:
    """Each fund has what the provider took for it and gave back."""
    raised: Counter[str] = Counter()
    back: Counter[str] = Counter()
    fund_of = {one["id"]: one["metadata"].get("fund", "") for one in emulator.payments()}
    for payment_id, amount in theirs.items():
        raised[fund_of[payment_id]] += int(amount * 100)
    for refund in emulator.refunds():
        if refund["status"] == "succeeded":
            back[fund_of[refund["payment_id"]]] += int(Decimal(refund["amount"]["value"]) * 100)
    wrong = [
        f"total of fund {fund.pk}: {fund.raised} −{fund.refunded}"
        for fund in Fund.objects.all()
        if (int(fund.raised * 100), int(fund.refunded * 100))
        != (raised[str(fund.public_id)], back[str(fund.public_id)])
    ]
    return wrong + [f"check_totals: {found}" for found in check_totals()]


def _doubled() -> list[str]:
    ends = DonationEvent.objects.filter(to_state=DonationState.SUCCEEDED).values("donation")
    twice = ends.annotate(number=Count("pk")).filter(number__gt=1)
    letters = Letter.objects.values("donation", "kind", "about").annotate(number=Count("pk"))
    wrong = [f"two transitions of {one['donation']}" for one in twice]
    wrong += [f"two letters owed for {one['donation']}" for one in letters.filter(number__gt=1)]
    return wrong + [f"sent twice: {one}" for one, n in letters_sent().items() if n > 1]


def letters_sent() -> Counter[str]:
    """How often each letter was sent, by its Message-ID."""
    return Counter(str(letter.extra_headers["Message-ID"]) for letter in mail.outbox)
