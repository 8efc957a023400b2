"""What the walls are computed from, and the record of what people did across them."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, Site

from tenancy.managers import ScopedManager, ScopedModel


class SiteState(models.TextChoices):
    """What a site does. Whatever it is, its pages and totals stay where donors know them."""

    ACTIVE = "active", _("works")
    PAUSED = "paused", _("paused")
    ARCHIVED = "archived", _("archived")


class SiteWalls(models.Model):
    """The media collection and the state of a site. PROTECT: nothing deletes a site's books."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="walls")
    collection = models.OneToOneField(Collection, on_delete=models.PROTECT, related_name="walls")
    state = models.CharField(
        _("state"), max_length=20, choices=SiteState.choices, default=SiteState.ACTIVE
    )
    state_since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=SiteState.values), name="site_is_in_a_known_state"
            ),
        )

    def __str__(self) -> str:
        return self.site.hostname


class SiteHostname(models.Model):
    """Another name of a site. It leads to `Site.hostname` once it points at this server."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hostnames")
    hostname = models.CharField(_("address"), max_length=255, unique=True)
    added_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was first seen to point at this server"
    )
    finding = models.JSONField(
        default=dict, help_text='{"found": [addresses], "wanted": [addresses], "trouble": ""}'
    )

    class Meta:
        ordering = ("hostname",)

    def __str__(self) -> str:
        return self.hostname


def state_of(site: Site) -> SiteState:
    """A site made past `open_site` has no walls and nobody who could have paused it."""
    walls = getattr(site, "walls", None)
    return SiteState(walls.state) if walls is not None else SiteState.ACTIVE


class Role(models.TextChoices):
    EDITOR = "editor", _("editor")
    ACCOUNTANT = "accountant", _("accountant")
    MANAGER = "manager", _("site manager")
    COORDINATOR = "coordinator", _("coordinator")


SITE_ROLES = (Role.EDITOR, Role.ACCOUNTANT, Role.MANAGER)


class RoleGroup(models.Model):
    """Which group plays which role: on one site, or (coordinator) on the whole network."""

    role = models.CharField(max_length=20, choices=Role.choices)
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="role_groups"
    )
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role_group")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "role"), name="one_group_per_site_and_role"),
            models.CheckConstraint(
                condition=Q(role=Role.COORDINATOR, site__isnull=True)
                | (~Q(role=Role.COORDINATOR) & Q(site__isnull=False)),
                name="only_coordinators_have_no_site",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.site.hostname if self.site else '*'}"


class AuditEntry(ScopedModel):
    """Who did what, to which site. Written by actions, never changed."""

    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=60)
    details = models.JSONField(default=dict)

    objects = ScopedManager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what}"


class Counter(models.Model):
    """How often something happened in a window of time. Keys are digests; see tenancy.counters.

    No site: a limit on an address holds over all sites at once.
    """

    key = models.CharField(max_length=60)
    window_start = models.BigIntegerField(help_text="Seconds since 1970")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("key", "window_start"), name="one_count_per_key_and_window"
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.number}"
