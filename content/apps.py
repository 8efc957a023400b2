from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = _("Pages and pictures")

    def ready(self) -> None:
        from wagtail.permissions import register_permission_policy

        from content import languages
        from content.models import Attachment, Picture
        from tenancy.policies import OwnMediaPolicy

        languages.narrow()
        for model, stock in (
            (Picture, "wagtailimages.Image"),
            (Attachment, "wagtaildocs.Document"),
        ):
            policy = OwnMediaPolicy(model, auth_model=stock, owner_field_name="uploaded_by_user")
            # Exact: Wagtail's own apps become ready after ours and register theirs.
            register_permission_policy(model, policy, exact_class=True)
