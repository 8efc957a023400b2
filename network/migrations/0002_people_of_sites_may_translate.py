from typing import Any

from django.db import migrations

WRITES_PAGES = ("editor", "manager")


def _groups(apps: Any) -> Any:
    """An archived site gets its permissions back when it is opened again."""
    rows = apps.get_model("tenancy", "RoleGroup").objects.filter(role__in=WRITES_PAGES)
    groups = rows.exclude(site__walls__state="archived").values("group")
    return apps.get_model("auth", "Group").objects.filter(pk__in=groups)


def _permission(apps: Any) -> Any:
    """None on a new database: there are no sites either, and opening one grants it."""
    permissions = apps.get_model("auth", "Permission").objects
    return permissions.filter(
        content_type__app_label="wagtail_localize", codename="submit_translation"
    ).first()


def grant(apps: Any, schema_editor: Any) -> None:
    permission = _permission(apps)
    if permission is not None:
        for group in _groups(apps):
            group.permissions.add(permission)


def take_back(apps: Any, schema_editor: Any) -> None:
    permission = _permission(apps)
    if permission is not None:
        for group in _groups(apps):
            group.permissions.remove(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0001_showcase"),
        ("tenancy", "0002_site_state"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wagtail_localize", "0006_create_submit_translation_permission"),
    ]

    operations = [migrations.RunPython(grant, take_back)]
