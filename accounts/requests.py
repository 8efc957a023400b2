"""A request of somebody who is signed in. For annotations of admin views."""

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    user: User
