from wagtail import hooks

from tenancy.admin_gate import Screens


@hooks.register("register_open_screens")
def screens_of_people() -> Screens:
    # Somebody who works on one site is invited to another.
    return {"accounts_invitation": ()}
