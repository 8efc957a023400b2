import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.proof import AsksForProof
from donations.cleaning import clean_email, clean_line, clean_text
from donations.models import AccountKind, Donation, Fund, PaymentAccount
from donations.money import MoneyFormField, parse_sum
from site_settings.card_numbers import find_card_number
from site_settings.legal import ACCEPTED_TEXTS, are_known_wordings
from site_settings.models import LegalKind

OWN = "own"
BY_BANK = "bank"
SECRET_KEY = re.compile(r"(?:test|live)_[!-~]+\Z")
MASKED_KEY = re.compile(r"(?:(?:test|live)_)?[*•●]+\Z")  # as a merchant profile shows a key
SHOWN_FIELDS = ("amount", "email", "name", "message", "consent", "consent_monthly", "news")
ONCE, MONTHLY = "once", "monthly"
CHANNEL = re.compile(r"[a-z0-9_.-]{1,40}")

TOO_LONG = gettext_lazy(
    "This is too long: %(limit_value)d characters fit in here, and you wrote %(show_value)d."
)


class LinesField(forms.CharField):
    """Several lines. A browser sends two characters for each end of a line and counts one."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def local_path(path: str) -> str:
    """A path on this site to go back to; «» for anything else."""
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path[:500] if local else ""


class ConsentForm(forms.Form):
    """The box whoever gives must tick, and the wordings that stood behind the links."""

    accepted_kinds: Sequence[LegalKind]

    consent = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("Without this consent we may not take the donation.")
        }
    )
    texts = forms.CharField(required=False, max_length=500)  # which wordings stood on the page

    def __init__(self, *args: Any, fund: Fund | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fund = fund

    @property
    def shown_texts(self) -> tuple[tuple[str, str], ...]:
        """(kind, digest) of the wordings the page showed, as the page itself says."""
        pairs = (text.partition(":") for text in self.cleaned_data.get("texts", "").split())
        return tuple((kind, digest) for kind, _colon, digest in pairs)

    def clean(self) -> dict[str, Any]:
        """A consent is to the words that were read. When nobody can say which, they are read
        once more: the page comes again with the wording in force and empty boxes."""
        cleaned = super().clean() or self.cleaned_data
        if self.fund is None or not cleaned.get("consent"):
            return cleaned
        if are_known_wordings(self.fund.site, dict(self.shown_texts), self.accepted_kinds):
            return cleaned
        self.add_error(
            "consent", _("These texts have changed since. Read them once more and tick the box.")
        )
        boxes = ("consent", "consent_monthly", "news")
        self.data = {name: self.data[name] for name in self.data if name not in boxes}
        return cleaned


class NewCardForm(ConsentForm):
    """Another card for a monthly gift is agreed to as the first one was."""

    accepted_kinds = (*ACCEPTED_TEXTS, LegalKind.MONTHLY)
    consent_monthly = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("Without this consent the gift cannot be monthly.")
        }
    )


class DonationForm(ConsentForm):
    """What a donor types. The sum comes from a chosen preset or from the own sum beside it."""

    preset = forms.CharField(required=False, max_length=30)
    amount = MoneyFormField(label=gettext_lazy("Another sum"), required=False)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Write your e-mail: we will send a letter there.")
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=100,
        error_messages={"max_length": TOO_LONG},
    )
    show_name = forms.BooleanField(label=gettext_lazy("Show my name"), required=False)
    message = LinesField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=1000,
        widget=forms.Textarea,
        error_messages={"max_length": TOO_LONG},
    )
    frequency = forms.CharField(required=False)
    consent_monthly = forms.BooleanField(required=False)
    news = forms.BooleanField(required=False)
    # The two traps and the rest of what the form carries; never shown as fields.
    website = forms.CharField(required=False)
    token = forms.CharField(required=False, max_length=500)
    nonce = forms.CharField(required=False, max_length=64)
    page = forms.CharField(required=False)
    sums = forms.CharField(required=False)  # those of the page with their meanings, signed
    channel = forms.CharField(required=False)  # where the visitor came from, as the link said
    way = forms.CharField(required=False, max_length=20)  # the second button's value

    def __init__(self, *args: Any, fund: Fund | None, monthly: bool = False, **kwargs: Any) -> None:
        """`monthly`: whether the site can take monthly gifts now; else nobody can ask for one."""
        super().__init__(*args, fund=fund, **kwargs)
        self.monthly = monthly
        field = self.fields["amount"]
        if fund is not None and isinstance(field, MoneyFormField):
            field.smallest, field.largest = fund.smallest, fund.largest

    @property
    def offers_news(self) -> bool:
        return self.fund is not None and self.fund.key is not None

    @property
    def contradicts_itself(self) -> bool:
        """A preset is chosen and another own sum is typed: without script both can be sent."""
        preset, typed = self.cleaned_data["preset"], self.cleaned_data.get("typed_amount")
        return preset not in ("", OWN) and typed is not None and typed != self._preset_sum()

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"])
        # Once more: some letters are two characters when they are normalised.
        self.fields["name"].run_validators(name)
        return _without_card_number(name)

    def clean_message(self) -> str:
        return _without_card_number(clean_text(self.cleaned_data["message"]))

    def clean_frequency(self) -> str:
        """«monthly» only where it is offered; whatever else is sent is a gift made once."""
        return MONTHLY if self.monthly and self.cleaned_data["frequency"] == MONTHLY else ONCE

    def clean_news(self) -> bool:
        """Only a campaign has news."""
        return bool(self.cleaned_data["news"]) and self.offers_news

    def clean_channel(self) -> str:
        channel = self.cleaned_data["channel"]
        return channel if CHANNEL.fullmatch(channel) else ""

    def clean_page(self) -> str:
        return local_path(self.cleaned_data["page"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._refuse_repeated_fields()
        if cleaned.get("frequency") == MONTHLY and not cleaned.get("consent_monthly"):
            self.add_error("consent_monthly", _("Without this consent the gift cannot be monthly."))
        if "amount" in self.errors:
            return cleaned
        cleaned["typed_amount"] = typed = cleaned.get("amount")
        try:
            chosen = self._preset_sum()
        except ValueError:
            self.add_error("amount", _("Choose a sum or write your own."))
            return cleaned
        amount = typed if typed is not None else chosen
        if amount is None:
            self.add_error("amount", _("Choose a sum or write your own."))
            return cleaned
        try:
            self.fields["amount"].validate(amount)
        except ValidationError as error:
            self.add_error("amount", error)
            return cleaned
        cleaned["amount"] = amount
        return cleaned

    def clean_way(self) -> str:
        return BY_BANK if self.cleaned_data["way"] == BY_BANK else ""

    def _preset_sum(self) -> Decimal | None:
        preset = self.cleaned_data.get("preset", "")
        return None if preset in ("", OWN) else parse_sum(preset)

    def _refuse_repeated_fields(self) -> None:
        if not isinstance(self.data, MultiValueDict):
            return
        for name in self.fields:
            if len(self.data.getlist(name)) > 1:
                field = name if name in SHOWN_FIELDS else "amount"
                self.add_error(field, _("This was sent twice. Write it once more."))

    @property
    def accepted_kinds(self) -> list[LegalKind]:  # type: ignore[override]
        """Of what was sent."""
        kinds = [*ACCEPTED_TEXTS]
        if self.cleaned_data.get("frequency") == MONTHLY:
            kinds.append(LegalKind.MONTHLY)
        if self.cleaned_data.get("news"):
            kinds.append(LegalKind.NEWS)
        return kinds

    def kept(self) -> list[tuple[str, str]]:
        """All that was sent, as it was sent, for a form that asks nothing new."""
        names = ("fund", *self.fields)
        return [(name, self.data[name]) for name in names if name in self.data]

    def carried(self) -> list[tuple[str, str]]:
        """What the confirmation page sends on: the sum settled, no trap, no old token."""
        data = self.cleaned_data
        fields = [
            ("fund", str(self.fund.public_id) if self.fund else ""),
            ("amount", f"{data['amount']:.2f}"),
            ("email", data["email"]),
            ("name", data["name"]),
            ("message", data["message"]),
            ("page", data["page"]),
            ("sums", data["sums"]),
            ("channel", data["channel"]),
            ("way", data["way"]),
            ("texts", data["texts"]),
            ("consent", "on"),
        ]
        if data["frequency"] == MONTHLY:
            fields += [("frequency", MONTHLY), ("consent_monthly", "on")]
        if data["news"]:
            fields.append(("news", "on"))
        return [*fields, ("show_name", "on")] if data["show_name"] else fields


def _without_card_number(text: str) -> str:
    if find_card_number(text):
        raise ValidationError(
            _("This looks like a card number. Take it out: nobody needs it here.")
        )
    return text


class PaymentAccountForm(forms.Form):
    """Shop id and key of an NGO. The key is written only: it is never shown again."""

    shop_id = forms.RegexField(
        r"\A[0-9]{3,20}\Z",
        strip=True,
        label=gettext_lazy("Shop id (shopId)"),
        help_text=gettext_lazy("Digits from the merchant profile of YooKassa"),
        error_messages={"invalid": gettext_lazy("The shop id has digits only.")},
    )
    secret_key = forms.CharField(
        label=gettext_lazy("Secret key"),
        required=False,
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("We keep it encrypted and never show it again."),
    )
    recurring = forms.BooleanField(
        label=gettext_lazy("Offer monthly donations"),
        required=False,
        help_text=gettext_lazy(
            "Only when the manager of YooKassa has switched on automatic payments for this shop"
        ),
    )

    def __init__(self, *args: Any, accounts: Sequence[PaymentAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts

    def clean_secret_key(self) -> str:
        key = self.cleaned_data["secret_key"]
        if MASKED_KEY.match(key):
            return ""  # the stored one stays
        if key and not SECRET_KEY.match(key):
            raise ValidationError(_("A key of YooKassa begins with test_ or live_. Copy it whole."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if SECRET_KEY.match(self.data.get("shop_id", "").strip()):
            self._refuse_swapped()
            return cleaned
        shop_id, key = cleaned.get("shop_id"), cleaned.get("secret_key")
        known = any(
            account.kind == AccountKind.YOOKASSA and account.shop_id == shop_id
            for account in self.accounts
        )
        if shop_id and not key and "secret_key" not in self.errors and not known:
            self.add_error("secret_key", _("A new shop needs its secret key."))
        return cleaned

    def _refuse_swapped(self) -> None:
        """A key in the wrong field: told at both, and not shown again on the page."""
        self.errors.pop("secret_key", None)
        self.add_error("secret_key", _("The secret key belongs here, the shop id above."))
        self.errors["shop_id"] = self.error_class(
            [_("This is the secret key. The shop id has digits only.")]
        )
        self.data = {**self.data, "shop_id": ""}


class ProvenAccountForm(AsksForProof, PaymentAccountForm):
    """The same on its screen: where money goes is changed by somebody who has just shown who."""


class RefundForm(forms.Form):
    """How much of a gift to give back, and why. The reason stands in the donor's letter."""

    amount = MoneyFormField(label=gettext_lazy("How much to give back"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=250,
        help_text=gettext_lazy("The donor will read this in the letter"),
    )
    # Makes a double click one refund.
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, donation: Donation, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"amount": donation.left, "key": uuid4()})
        super().__init__(*args, **kwargs)
        field = self.fields["amount"]
        if isinstance(field, MoneyFormField):
            field.smallest = min(field.smallest, donation.left)
            field.largest = donation.left

    def clean_reason(self) -> str:
        return clean_line(self.cleaned_data["reason"])


class DonorAddressForm(forms.Form):
    """The address of a donor, corrected by the accountant."""

    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254)

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])


class MonthlySumForm(forms.Form):
    """The sum of a monthly gift, within the limits of its fund."""

    amount = MoneyFormField(label=gettext_lazy("Sum"))

    def __init__(self, *args: Any, fund: Fund, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["amount"]
        if isinstance(field, MoneyFormField):
            field.smallest, field.largest = fund.smallest, fund.largest
