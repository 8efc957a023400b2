from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.second_factor import reset_second_factor
from accounts.managers import normalise_email
from accounts.models import User
from tenancy.scope import unrestricted


class Command(BaseCommand):
    help = "Lets in by the password alone somebody who lost both phone and recovery codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        with unrestricted("the operator names the person"):
            person = User.objects.filter(email=normalise_email(options["email"])).first()
            if person is None:
                raise CommandError("Nobody has this e-mail as login.")
            reset_second_factor(person=person, by=None)
        self.stdout.write(f"{person.email} signs in by the password alone now.")
