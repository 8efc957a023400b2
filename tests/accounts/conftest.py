"""A stranger at the door, and the worker that sends what was asked for."""

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django_tasks_db.models import DBTaskResult
from wagtail.models import Site

from accounts.models import User
from tenancy.models import Role
from tenancy.scope import scoped
from tests.conftest import SiteClient


@pytest.fixture
def stranger() -> SiteClient:
    return SiteClient(django_settings.ADMIN_HOST)


@pytest.fixture
def editor(site: Site, make_person: Callable[..., User]) -> User:
    return make_person(Role.EDITOR, site, email="anna@example.org")


@pytest.fixture
def work(db: None) -> Callable[[str], int]:
    """work("send_password_letter") does the queued tasks of that name; returns how many."""

    def run(name: str) -> int:
        queued = list(DBTaskResult.objects.filter(task_path__endswith=f".{name}", status="READY"))
        for row in queued:
            with scoped(None):
                row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        DBTaskResult.objects.filter(pk__in=[row.pk for row in queued]).delete()
        return len(queued)

    return run
