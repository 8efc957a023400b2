"""Words of the books as people say them: what the code and the payment service call in English."""

from decimal import Decimal, InvalidOperation

from django import template
from django.utils.translation import gettext as _

from donations.models import DonationEvent, DonationState, FlagVerdict, RefundState, in_history
from donations.money import format_roubles

register = template.Library()

STATES = {
    **dict(DonationState.choices),
    **{in_history(state): label for state, label in RefundState.choices},
}


@register.filter
def source_in_words(source: str) -> str:
    """Who or what brought the news of an event."""
    words = {
        "start": _("the donor began"),
        "notification": _("a notification came"),
        "return": _("the donor came back"),
        "sweeper": _("we asked the payment service"),
        "reconciliation": _("reconciliation"),
        "statement": _("the bank statement"),
        "person": _("entered by hand"),
        "staff": _("the organisation"),
        "donor": _("the donor"),
        "clock": _("the schedule"),
        "provider": _("the payment service"),
    }
    return words.get(source, source)


@register.filter
def event_in_words(event: DonationEvent) -> str:
    """What an event changed; a doubt changes nothing."""
    if event.note.startswith("decided: "):
        return _("a person decided about the doubtful payment")
    if event.note == "address corrected":
        return _("the donor's address is corrected")
    if event.note == "name taken off":
        return _("the donor's name is taken off the page, as the donor asked")
    if event.note.startswith("counted as: "):
        return _("the money came later and is counted as another donation")
    state = STATES.get(event.to_state, event.to_state)
    if event.refund is not None:
        words = {"sum": format_roubles(event.refund.amount), "state": state}
        return _("refund of %(sum)s: %(state)s") % words
    if event.from_state == event.to_state:
        return _("something does not agree")
    return str(state)


@register.filter
def reason_in_words(reason: str) -> str:
    """Why a payment was refused or a monthly gift stopped."""
    words = {
        "insufficient_funds": _("not enough money on the card"),
        "card_expired": _("the card has expired"),
        "forbidden": _("the payment service did not take the payment"),
        "3d_secure_failed": _("the code from the bank's message was not entered"),
        "invalid_csc": _("the security code of the card is wrong"),
        "expired_on_confirmation": _("not paid within the hour"),
        "refused_in_sandbox": _("refused on the test page"),
        "not_arrived": _("the transfer has not come"),
        "general_decline": _("the bank refused and did not say why"),
        "permission_revoked": _("the permission to charge was taken back"),
        "invalid_credentials": _("wrong shop id or key"),
        "method_forgotten": _("the card was removed"),
        "canceled": _("at the donor's wish"),
        "fund_closed": _("the campaign is closed"),
        "exhausted": _("the bank refused four times"),
        "not_found": _("the payment service knows nothing of it"),
        "paid_late": _("the money came later and is counted as another donation"),
        "arrived_late": _("the money came later and is counted as another donation"),
        "another_sum_came": _("another sum came and is counted as another donation"),
    }
    return words.get(reason, reason)


@register.filter
def doubt_in_words(doubt: str) -> str:
    """Why a payment waits for a person."""
    words = {
        "another payment id": _("the payment service names another payment"),
        "another sum or currency": _("another sum or currency came"),
        "another shop": _("the payment belongs to another shop"),
        "another donation in the metadata": _("the payment carries another donation's number"),
        "a test payment in a live shop": _("a test payment in a real shop"),
        "a real payment in a test shop": _("a real payment in a test shop"),
        "decided: theirs": str(FlagVerdict.THEIRS.label),
        "decided: ours": str(FlagVerdict.OURS.label),
        "decided: not": str(FlagVerdict.NOT.label),
        "a state we do not know": _("the payment service gave an unknown state"),
        "found at the provider, lost here": _("found at the payment service, lost here"),
        "address corrected": "",
        "name taken off": "",
    }
    if doubt.startswith("counted as: "):
        return doubt.removeprefix("counted as: ")
    if doubt.startswith("provider says "):
        state = doubt.removeprefix("provider says ")
        return _("the payment service says: %(state)s") % {"state": STATES.get(state, state)}
    return words.get(doubt, doubt)


@register.filter
def side_in_words(side: str) -> str:
    """«succeeded 500.00 −50.00» of a reconciliation's row: «paid 500 ₽ − 50 ₽»."""
    state, _space, sums = side.partition(" ")
    words = [str(STATES.get(state, state))]
    for text in sums.split():
        try:
            amount = Decimal(text.removeprefix("−"))
        except InvalidOperation:
            words.append(text)
            continue
        if text.startswith("−"):
            words += ["−", format_roubles(amount)] if amount else []
        else:
            words.append(format_roubles(amount))
    return " ".join(words)
