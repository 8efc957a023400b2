from typing import cast

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
from wagtail.permissions import policy_registry

from accounts.requests import PersonRequest
from donations import (
    account_views,
    admin_views,
    bank_views,
    book_views,
    flag_views,
    letter_views,
    message_views,
    monthly_book_views,
)
from donations.models import Donation, PaymentAccount
from donations.panels import WordsSummary
from donations.viewsets import DonationViewSet
from tenancy.admin_gate import Screens


@hooks.register("register_admin_viewset")
def donations_viewset() -> DonationViewSet:
    return DonationViewSet()


@hooks.register("register_open_screens")
def screens_of_the_books() -> Screens:
    names = (
        "donations:index",
        "donations:index_results",
        "donation_in_books",
        "donor_messages",
        "payment_accounts",
        "payment_account",
        "payment_account_check",
        "payment_proofs",
        "payment_proof",
        "payment_proof_back",
        "payment_account_host",
        "failing_letters",
        "letter_again",
        "donor_address",
        "donor_name_off",
        "flagged_gifts",
        "decide_flag",
        "reconciliations",
        "reconciliation",
        "monthly_gifts",
        "monthly_gift_in_books",
        "bank_and_cash",
        "bank_and_cash_of",
        "confirm_lines",
        "decide_line",
        "gift_by_hand",
        "corrections",
        "correct_donation",
    )
    return dict.fromkeys(names, ())


@hooks.register("register_admin_urls")
def payment_account_urls() -> list[URLPattern]:
    return [
        path("payments/", admin_views.payment_accounts, name="payment_accounts"),
        path("payments/<int:site_id>/", admin_views.payment_account, name="payment_account"),
        path(
            "payments/<int:site_id>/check/", account_views.check_shop, name="payment_account_check"
        ),
        path("payments/proof/", account_views.proofs, name="payment_proofs"),
        path("payments/<int:site_id>/proof/", account_views.proof_payment, name="payment_proof"),
        path(
            "payments/<int:site_id>/proof/back/",
            account_views.proof_back,
            name="payment_proof_back",
        ),
        path("payments/<int:site_id>/host/", account_views.allow_host, name="payment_account_host"),
        path("letters/", letter_views.failing_letters, name="failing_letters"),
        path("letters/<int:pk>/again/", letter_views.letter_again, name="letter_again"),
        path("donations/<int:pk>/address/", letter_views.donor_address, name="donor_address"),
        path("donations/<int:pk>/name-off/", book_views.name_off, name="donor_name_off"),
        path("donations/<int:pk>/", book_views.donation, name="donation_in_books"),
        path("words/", message_views.donor_messages, name="donor_messages"),
        path("doubtful/", flag_views.flagged_gifts, name="flagged_gifts"),
        path("doubtful/<int:pk>/", flag_views.decide, name="decide_flag"),
        path("monthly/", monthly_book_views.monthly_gifts, name="monthly_gifts"),
        path("monthly/<int:pk>/", monthly_book_views.monthly_gift, name="monthly_gift_in_books"),
        path("reconciliations/", book_views.reconciliations, name="reconciliations"),
        path("reconciliations/<int:pk>/", book_views.reconciliation, name="reconciliation"),
    ]


@hooks.register("register_admin_urls")
def bank_and_cash_urls() -> list[URLPattern]:
    at_site = "bank/<int:site_id>/"
    return [
        path("bank/", bank_views.bank_and_cash, name="bank_and_cash"),
        path(at_site, bank_views.bank_and_cash_of, name="bank_and_cash_of"),
        path(f"{at_site}confirm/", bank_views.confirm_lines, name="confirm_lines"),
        path(f"{at_site}lines/<int:pk>/", bank_views.decide_line, name="decide_line"),
        path(f"{at_site}enter/", bank_views.gift_by_hand, name="gift_by_hand"),
        path(f"{at_site}corrections/", bank_views.corrections, name="corrections"),
        path("donations/<int:pk>/correct/", bank_views.correct_donation, name="correct_donation"),
    ]


class PaymentsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        policy = policy_registry.get_by_type(PaymentAccount)
        return bool(policy.user_has_any_permission(request.user, ["change"]))


@hooks.register("register_admin_menu_item")
def payments_menu_item() -> MenuItem:
    return PaymentsMenuItem(_("Payments"), reverse("payment_accounts"), icon_name="cogs", order=220)


class ProofMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(account_views.sites_of_editor(cast(PersonRequest, request)))


@hooks.register("register_admin_menu_item")
def proof_menu_item() -> MenuItem:
    return ProofMenuItem(_("10 ₽ check"), reverse("payment_proofs"), icon_name="check", order=220)


class BooksMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        policy = policy_registry.get_by_type(Donation)
        return bool(policy.user_has_any_permission(request.user, ["change"]))


class BankMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(bank_views.bank_books_of(cast(PersonRequest, request)))


@hooks.register("register_admin_menu_item")
def reconciliation_menu_item() -> MenuItem:
    return BooksMenuItem(
        _("Reconciliation"), reverse("reconciliations"), icon_name="list-ul", order=230
    )


@hooks.register("register_admin_menu_item")
def flagged_menu_item() -> MenuItem:
    return BooksMenuItem(
        _("Doubtful payments"), reverse("flagged_gifts"), icon_name="warning", order=232
    )


@hooks.register("register_admin_menu_item")
def letters_menu_item() -> MenuItem:
    return BooksMenuItem(_("Letters"), reverse("failing_letters"), icon_name="mail", order=235)


@hooks.register("register_admin_menu_item")
def monthly_menu_item() -> MenuItem:
    return BooksMenuItem(_("Monthly"), reverse("monthly_gifts"), icon_name="rotate", order=215)


@hooks.register("register_admin_menu_item")
def bank_and_cash_menu_item() -> MenuItem:
    return BankMenuItem(
        _("Bank and cash"), reverse("bank_and_cash"), icon_name="doc-full", order=225
    )


class WordsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(message_views.sites_with_words(cast(PersonRequest, request)))


@hooks.register("register_admin_menu_item")
def words_menu_item() -> MenuItem:
    return WordsMenuItem(
        _("Words of donors"), reverse("donor_messages"), icon_name="comment", order=212
    )


@hooks.register("construct_homepage_summary_items")
def words_that_wait(request: PersonRequest, items: list[SummaryItem]) -> None:
    waiting = message_views.words_waiting(request)
    if waiting:
        items.append(WordsSummary(request, waiting))


@hooks.register("insert_global_admin_css")
def books_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("donations/books.css"))
