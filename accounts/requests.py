"""A request of somebody who is signed in. For annotations of admin views."""

from accounts.models import User
from tenancy.requests import HostedRequest


class PersonRequest(HostedRequest):
    user: User
    helper: User | None  # who really sits there, while somebody of the centre acts as `user`
