"""The books. A donation knows no pages, only the fund it is given to.

States move along `Donation.ARROWS` and only inside `donations.actions`; every change appends an
event. The totals of a fund are changed in the same transaction and can always be counted again
(`manage.py check_totals`).
"""

from donations.models.accounts import (
    OFFLINE,
    AccountKind,
    PaymentAccount,
    PaymentAccountQuerySet,
    new_token,
)
from donations.models.books import (
    Correction,
    FlagDecision,
    FlagVerdict,
    Reconciliation,
    SelfCheck,
    StatementLine,
    StatementLineQuerySet,
)
from donations.models.followers import Follower, FollowerQuerySet
from donations.models.funds import LARGEST, SMALLEST, Fund, FundQuerySet
from donations.models.gifts import (
    Acceptance,
    Donation,
    DonationEvent,
    DonationQuerySet,
    DonationState,
    MessageState,
)
from donations.models.letters import Letter, LetterKind, StaffLetter, StaffLetterKind
from donations.models.limits import StrayNotice
from donations.models.refunds import Refund, RefundQuerySet, RefundState, in_history
from donations.models.sandbox import SandboxPayment, SandboxRefund
from donations.models.subscriptions import (
    Subscription,
    SubscriptionChange,
    SubscriptionEvent,
    SubscriptionQuerySet,
    SubscriptionState,
    notice_key,
)

__all__ = (
    "LARGEST",
    "OFFLINE",
    "SMALLEST",
    "Acceptance",
    "AccountKind",
    "Correction",
    "Donation",
    "DonationEvent",
    "DonationQuerySet",
    "DonationState",
    "FlagDecision",
    "FlagVerdict",
    "Follower",
    "FollowerQuerySet",
    "Fund",
    "FundQuerySet",
    "Letter",
    "LetterKind",
    "MessageState",
    "PaymentAccount",
    "PaymentAccountQuerySet",
    "Reconciliation",
    "Refund",
    "RefundQuerySet",
    "RefundState",
    "SandboxPayment",
    "SandboxRefund",
    "SelfCheck",
    "StaffLetter",
    "StaffLetterKind",
    "StatementLine",
    "StatementLineQuerySet",
    "StrayNotice",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionEvent",
    "SubscriptionQuerySet",
    "SubscriptionState",
    "in_history",
    "new_token",
    "notice_key",
)
