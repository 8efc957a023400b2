"""Whose the rows of every table are.

Default deny: a table goes with the site only by a rule here, by its own field `site`, or as a
type of page. One that no rule knows stops the export (and a test), so that a new model is thought
about before the first site leaves with it, or without it.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import CharField, Max, Q
from django.db.models.functions import Cast
from wagtail.models import Locale, Page, Site

from donations.models import AccountKind

Model = type[models.Model]
Rows = models.QuerySet[Any]

# The same in every installation; named in the file by words, never by number.
SHARED = frozenset({"contenttypes.ContentType", "auth.Permission"})

# Pages in a workflow come as drafts.
LEFT_OUT = {
    "accounts.Invitation": "a link of the network's own; the new home invites anew",
    "accounts.User_user_permissions": "rights come with groups",
    "site_settings.RecipientAgreement": "between two sites of the network; alone there is no other",
    "tenancy.Counter": "counts of the last minutes, over all sites",
    "otp_totp.TOTPDevice": "a secret; phones are connected anew",
    "otp_static.StaticDevice": "a secret; phones are connected anew",
    "otp_static.StaticToken": "a secret; phones are connected anew",
    "content.PictureRendition": "made again from the pictures",
    "wagtail_localize.LocaleSynchronization": "of the whole network, and never used",
    "wagtailembeds.Embed": "a cache",
    "wagtaildocs.Document": "the stock model, not used here",
    "wagtailimages.Image": "the stock model, not used here",
    "wagtailimages.Rendition": "the stock model, not used here",
    "wagtailforms.FormSubmission": "the stock model, not used here",
    "wagtailsearch.IndexEntry": "the search index is made again",
    "wagtailsearch.SQLiteFTSIndexEntry": "the search index is made again",
    "wagtailadmin.Admin": "holds permissions only",
    "wagtailadmin.EditingSession": "who edits at this minute",
    "wagtailadmin.FormState": "what is being typed at this minute",
    "wagtailcore.APIToken": "a secret",
    "wagtailcore.UploadedFile": "an upload that was not finished",
    "wagtailcore.ReferenceIndex": "made again from the rows",
    "wagtailcore.WorkflowContentType": "workflows are the network's",
    "wagtailcore.WorkflowState": "workflows are the network's",
    "wagtailcore.Workflow": "workflows are the network's",
    "wagtailcore.WorkflowTask": "workflows are the network's",
    "wagtailcore.WorkflowPage": "workflows are the network's",
    "wagtailcore.Task": "workflows are the network's",
    "wagtailcore.TaskState": "workflows are the network's",
    "wagtailcore.GroupApprovalTask": "workflows are the network's",
    "wagtailcore.GroupApprovalTask_groups": "workflows are the network's",
    "django_tasks_database.DBTaskResult": "work of the last minutes, over all sites",
    "sessions.Session": "who is signed in at this minute",
}

# Rows that stand in every empty installation and give way to those of the file.
SKELETON = frozenset(
    {
        "wagtailcore.Page",
        "wagtailcore.Collection",
        "wagtailcore.Locale",
        "auth.Group",
        "auth.Group_permissions",
        "wagtailcore.GroupPagePermission",
        "wagtailcore.GroupCollectionPermission",
        "wagtailcore.GroupSitePermission",
    }
)


class Belongings:
    """The rows of one site, table by table."""

    def __init__(self, site: Site) -> None:
        self.site = site

    @cached_property
    def homes(self) -> list[str]:
        """Paths of the home page in all its languages."""
        same = Page.objects.filter(translation_key=self.site.root_page.translation_key)
        return list(same.order_by("path").values_list("path", flat=True))

    def _page(self, prefix: str = "") -> Q:
        """Pages of the site; with a prefix, what points at one by that name."""
        name = f"{prefix}__path__startswith" if prefix else "path__startswith"
        found = Q(pk__in=())
        for home in self.homes:
            found |= Q(**{name: home})
        return found

    def _collection(self, prefix: str = "") -> Q:
        name = f"{prefix}__path__startswith" if prefix else "path__startswith"
        return Q(**{name: self.site.walls.collection.path})

    @cached_property
    def pages(self) -> Rows:
        return Page.objects.filter(self._page()).order_by()

    @cached_property
    def people(self) -> Rows:
        """Everybody with a role on the site."""
        user = apps.get_model("accounts", "User")
        return user._base_manager.filter(groups__role_group__site=self.site).distinct()

    def of(self, model: Model) -> Rows:
        """The rows of this table that are the site's. Raises LookupError for an unknown table."""
        label = model._meta.label
        if label in RULES:
            return RULES[label](self, model._base_manager.all())
        if issubclass(model, Page):
            return model._base_manager.filter(self._page())
        return model._base_manager.filter(site=self.site)


def _by_page(*, name: str = "page") -> "Rule":
    return lambda own, rows: rows.filter(own._page(name))


def _by_group(own: Belongings, rows: Rows) -> Rows:
    return rows.filter(group__role_group__site=own.site)


def _translated(*, name: str) -> "Rule":
    """Words of wagtail-localize: its objects are named by the translation key of the page."""
    keys = {f"{name}__in" if name else "translation_key__in"}

    def rule(own: Belongings, rows: Rows) -> Rows:
        return rows.filter(**{key: own.pages.values("translation_key") for key in keys})

    return rule


def _languages(own: Belongings, rows: Rows) -> Rows:
    """Those its rows speak, a translation that was only begun included."""
    found = Q(pk__in=())
    for model in leaving_models():
        for field in model._meta.local_concrete_fields:
            if field.related_model is Locale:
                found |= Q(pk__in=own.of(model).order_by().values(field.name))
    return rows.filter(found)


def _strings(own: Belongings, rows: Rows) -> Rows:
    """A string is shared by all sites where the same words stand."""
    key = own.pages.values("translation_key")
    segments = apps.get_model("wagtail_localize", "StringSegment")._base_manager
    translations = apps.get_model("wagtail_localize", "StringTranslation")._base_manager
    return rows.filter(
        Q(pk__in=segments.filter(source__object__in=key).values("string"))
        | Q(pk__in=translations.filter(context__object__in=key).values("translation_of"))
    )


def _templates(own: Belongings, rows: Rows) -> Rows:
    segments = apps.get_model("wagtail_localize", "TemplateSegment")._base_manager
    key = own.pages.values("translation_key")
    return rows.filter(pk__in=segments.filter(source__object__in=key).values("template"))


def _kind(model: Model) -> Rows:
    """Its content type. Asked so, none is made where there is none: an export writes nothing."""
    meta = model._meta
    return ContentType.objects.filter(app_label=meta.app_label, model=meta.model_name)


def _text(rows: Rows) -> Rows:
    """The numbers of these rows as text: so tables keep them that point at anything."""
    return rows.order_by().values_list(Cast("pk", CharField()))


def _revisions(own: Belongings, rows: Rows) -> Rows:
    return rows.filter(base_content_type__in=_kind(Page), object_id__in=_text(own.pages))


def _log(own: Belongings, rows: Rows) -> Rows:
    found = Q(pk__in=())
    for model in leaving_models():
        if not issubclass(model, Page) and model._meta.label not in ATTACHED:
            found |= Q(content_type__in=_kind(model), object_id__in=_text(own.of(model)))
    return rows.filter(found)


def _tagged(own: Belongings, rows: Rows) -> Rows:
    found = Q(pk__in=())
    for label in ("content.Picture", "content.Attachment"):
        model = apps.get_model(label)
        found |= Q(content_type__in=_kind(model), object_id__in=own.of(model).values("pk"))
    return rows.filter(found)


def _tags(own: Belongings, rows: Rows) -> Rows:
    items = own.of(apps.get_model("taggit", "TaggedItem"))
    return rows.filter(pk__in=items.values("tag"))


def _pretend_payments(own: Belongings, rows: Rows) -> Rows:
    """What the pretend bank would keep: without it a test gift could not be asked about."""
    accounts = apps.get_model("donations", "PaymentAccount")._base_manager
    shops = accounts.filter(site=own.site, kind=AccountKind.SANDBOX)
    return rows.filter(shop_id__in=shops.values("shop_id"))


Rule = Callable[[Belongings, Rows], Rows]

RULES: dict[str, Rule] = {
    "wagtailcore.Site": lambda own, rows: rows.filter(pk=own.site.pk),
    "wagtailcore.Page": lambda own, rows: rows.filter(own._page() | Q(depth=1)),
    "wagtailcore.Collection": lambda own, rows: rows.filter(own._collection() | Q(depth=1)),
    "wagtailcore.Locale": _languages,
    # the centre's, of which those in force are the site's offer and consents
    "site_settings.LegalWording": lambda own, rows: rows.filter(
        pk__in=rows.order_by().values("kind").annotate(last=Max("pk")).values("last")
    ),
    # people and their rights
    "accounts.User": lambda own, rows: rows.filter(pk__in=own.people.values("pk")),
    "accounts.User_groups": _by_group,
    "wagtailusers.UserProfile": lambda own, rows: rows.filter(user__in=own.people.values("pk")),
    "auth.Group": lambda own, rows: rows.filter(role_group__site=own.site),
    "auth.Group_permissions": _by_group,
    "wagtailcore.GroupPagePermission": lambda own, rows: _by_group(own, rows).filter(
        own._page("page")
    ),
    "wagtailcore.GroupCollectionPermission": lambda own, rows: _by_group(own, rows).filter(
        own._collection("collection")
    ),
    "wagtailcore.GroupSitePermission": lambda own, rows: _by_group(own, rows).filter(site=own.site),
    # pages
    "wagtailcore.Revision": _revisions,
    "wagtailcore.PageLogEntry": _by_page(),
    "wagtailcore.ModelLogEntry": _log,
    "wagtailcore.Comment": _by_page(),
    "wagtailcore.CommentReply": _by_page(name="comment__page"),
    "wagtailcore.PageSubscription": lambda own, rows: rows.filter(
        own._page("page"), user__in=own.people.values("pk")
    ),
    "wagtailcore.PageViewRestriction": _by_page(),
    "wagtailcore.PageViewRestriction_groups": lambda own, rows: _by_group(own, rows).filter(
        own._page("pageviewrestriction__page")
    ),
    "home.FormField": _by_page(),
    # pictures and documents
    "content.Picture": lambda own, rows: rows.filter(own._collection("collection")),
    "content.Attachment": lambda own, rows: rows.filter(own._collection("collection")),
    "wagtailcore.CollectionViewRestriction": lambda own, rows: rows.filter(
        own._collection("collection")
    ),
    "wagtailcore.CollectionViewRestriction_groups": lambda own, rows: _by_group(own, rows).filter(
        own._collection("collectionviewrestriction__collection")
    ),
    "taggit.TaggedItem": _tagged,
    "taggit.Tag": _tags,
    # words in other languages
    "wagtail_localize.TranslatableObject": _translated(name=""),
    "wagtail_localize.TranslationSource": _translated(name="object"),
    "wagtail_localize.Translation": _translated(name="source__object"),
    "wagtail_localize.TranslationLog": _translated(name="source__object"),
    "wagtail_localize.TranslationContext": _translated(name="object"),
    "wagtail_localize.String": _strings,
    "wagtail_localize.StringTranslation": _translated(name="context__object"),
    "wagtail_localize.Template": _templates,
    "wagtail_localize.SegmentOverride": _translated(name="context__object"),
    "wagtail_localize.StringSegment": _translated(name="source__object"),
    "wagtail_localize.TemplateSegment": _translated(name="source__object"),
    "wagtail_localize.RelatedObjectSegment": lambda own, rows: rows.filter(
        source__object__in=own.pages.values("translation_key"),
        object__in=own.pages.values("translation_key"),
    ),
    "wagtail_localize.OverridableSegment": _translated(name="source__object"),
    # the pretend bank
    "donations.SandboxPayment": _pretend_payments,
    "donations.SandboxRefund": lambda own, rows: rows.filter(
        payment__in=_pretend_payments(
            own, apps.get_model("donations", "SandboxPayment")._base_manager.all()
        ).values("pk")
    ),
}

# They point at any row by number, and are asked for through what they point at.
ATTACHED = frozenset(
    {"wagtailcore.Revision", "wagtailcore.ModelLogEntry", "taggit.TaggedItem", "taggit.Tag"}
)


def all_models() -> list[Model]:
    """Every table of the installation, those that join two others included."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def goes_with_site(model: Model) -> bool:
    """Whether a rule, a field or its kind says how rows of this table are a site's."""
    if model._meta.label in RULES or issubclass(model, Page):
        return True
    return any(
        field.name == "site" and field.related_model is Site
        for field in model._meta.local_concrete_fields
    )


def unknown_models() -> list[str]:
    """Tables nobody has thought about. Must be empty."""
    return sorted(
        model._meta.label
        for model in all_models()
        if model._meta.label not in SHARED | LEFT_OUT.keys() and not goes_with_site(model)
    )


def leaving_models() -> list[Model]:
    """Tables with rows that go with a site, in one order everywhere."""
    found = [
        model
        for model in all_models()
        if model._meta.label not in SHARED | LEFT_OUT.keys() and goes_with_site(model)
    ]
    return sorted(found, key=lambda model: model._meta.label)
