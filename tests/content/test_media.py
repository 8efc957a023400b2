"""A picture made for one site's pages is not another site's."""

from collections.abc import Callable

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from wagtail.models import Collection, CollectionViewRestriction, Site

from accounts.models import User
from tenancy.models import Role
from tests.conftest import SiteClient
from tests.tenancy.conftest import add_document, add_picture


def status(client: SiteClient, url: str) -> int:
    """Of the whole answer: a file that is not read to its end stays open."""
    answer = client.get(url)
    b"".join(answer)
    return answer.status_code


def test_rendition_is_given_on_its_own_host_only(
    site: Site, other_site: Site, visitor: SiteClient
) -> None:
    url = add_picture(site, "photo").get_rendition("width-20").url
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert answer.getvalue().startswith(b"\x89PNG")
    assert SiteClient(other_site.hostname).get(url).status_code == 404


def test_rendition_is_shown_in_the_admin_to_those_who_see_the_picture(
    site: Site,
    other_site: Site,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    url = add_picture(site, "photo").get_rendition("width-20").url
    assert status(admin_as(make_person(Role.EDITOR, site)), url) == 200
    assert status(admin_as(make_person(Role.COORDINATOR)), url) == 200
    assert admin_as(make_person(Role.EDITOR, other_site)).get(url).status_code == 404
    assert SiteClient(settings.ADMIN_HOST).get(url).status_code == 404


def test_file_that_is_no_rendition_is_not_given(site: Site, visitor: SiteClient) -> None:
    name = default_storage.save("images/loose.png", ContentFile(b"x"))
    assert visitor.get(f"/media/{name}").status_code == 404


def test_rendition_whose_file_is_lost_is_404(site: Site, visitor: SiteClient) -> None:
    rendition = add_picture(site, "photo").get_rendition("width-20")
    default_storage.delete(rendition.file.name)
    assert visitor.get(rendition.url).status_code == 404


def test_document_of_a_private_collection_is_given_to_no_visitor(
    site: Site, visitor: SiteClient
) -> None:
    inner = site.walls.collection.add_child(instance=Collection(name="For the board"))
    document = add_document(site, "minutes")
    type(document).objects.filter(pk=document.pk).update(collection=inner)
    assert status(visitor, document.url) == 200
    CollectionViewRestriction.objects.create(collection=inner, restriction_type="login")
    answer = visitor.get(document.url)
    assert answer.status_code == 404
    assert not answer.cookies
