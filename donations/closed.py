"""Why a site takes no gifts at all, in the words that stand where the form was."""

from django.utils.translation import gettext as _
from wagtail.models import Site

from tenancy.models import SiteState, state_of


def why_closed(site: Site) -> str:
    """«» when the site itself takes gifts; its campaigns may be closed all the same."""
    state = state_of(site)
    if state == SiteState.PAUSED:
        return _(
            "This site is having a rest and takes no donations now. Thank you for coming: "
            "please look in again later."
        )
    if state == SiteState.ARCHIVED:
        return _(
            "This site has finished its work and takes no donations any more. What was collected "
            "and what was done with it stays here. Thank you to all who helped."
        )
    return ""
