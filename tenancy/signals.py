from typing import Any

from django.db.models.signals import post_delete, pre_save
from wagtail.models import GroupPagePermission, Page, Site
from wagtail.signals import copy_for_translation_done

from tenancy.hosts import check_on_save, watch_names
from tenancy.roots import HOME_DEPTH


def _copy_permissions(source_obj: Any, target_obj: Any, **kwargs: Any) -> None:
    """A translated home is a tree of its own: without this its editors could not edit it."""
    if not isinstance(source_obj, Page):
        return
    for row in GroupPagePermission.objects.filter(page_id=source_obj.pk):
        GroupPagePermission.objects.get_or_create(
            group=row.group, page_id=target_obj.pk, permission=row.permission
        )


def _forget_home(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Wagtail does when a home in another language is made, not when it is deleted."""
    if instance.depth == HOME_DEPTH:
        Site.clear_site_root_paths_cache()


def connect() -> None:
    watch_names()
    pre_save.connect(check_on_save, sender=Site, dispatch_uid="name of a site")
    post_delete.connect(_forget_home, sender=Page, dispatch_uid="home is gone")
    copy_for_translation_done.connect(
        _copy_permissions, dispatch_uid="permissions of a translation"
    )
