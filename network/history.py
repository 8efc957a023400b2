"""What stands in the audit entries, in the coordinator's words."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "site opened": _("the site was opened"),
    "site paused": _("the site was paused"),
    "site archived": _("the site was closed"),
    "site reopened": _("the site was opened again"),
    "site exported": _("everything of the site was written into a file"),
    "list exported": _("a list was downloaded as a file"),
    "language switched on": _("a language was switched on"),
    "language switched off": _("a language was switched off"),
    "address added": _("an address was added"),
    "address removed": _("an address was removed"),
    "main address changed": _("the main address was changed"),
    "recipient agreed": _("an organisation agreed to receive donations"),
    "recipient withdrawn": _("the agreement on receiving donations ended"),
    "person invited": _("somebody was invited"),
    "invitation accepted": _("an invitation was accepted"),
    "message decided": _("words of a donor were read and decided upon"),
    "payment account set": _("the payment account was set"),
}
