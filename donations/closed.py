"""Why a site takes no gifts at all, in the words that stand where the form was."""

from django.utils.translation import gettext as _
from wagtail.models import Site

from site_settings.models import Organisation
from site_settings.recipients import had_recipient, receiver_of
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


def why_group_is_closed(organisation: Organisation) -> str:
    """For a group without requisites that cannot be given to now."""
    receiver = receiver_of(organisation)
    if receiver is not None and state_of(receiver.site) == SiteState.PAUSED:
        return _(
            "Donations are not accepted now: the organisation that receives them for this group "
            "is having a rest. Please look in again later."
        )
    if receiver is not None:
        return _(
            "Donations are not accepted yet: the organisation that receives them for this group is "
            "preparing for it."
        )
    if had_recipient(organisation.site):
        return _(
            "Donations are not accepted now: the organisation that received them for this group "
            "does so no longer, and another one is being looked for."
        )
    return _(
        "Donations are not accepted yet: this group is no legal person, and the organisation that "
        "would receive them for it is still being looked for."
    )
