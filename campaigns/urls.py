from django.urls import path, register_converter

from campaigns import link_views, picture_views, widget_views


class DigestConverter:
    regex = "[0-9a-f]{16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DigestConverter, "digest")

# Under the language prefix: the same link leads to the page in the language of its address.
urlpatterns = [
    path("-/<slug:code>", link_views.short_link, name="short_link"),
    path("embed/<slug:name>/<slug:kind>/", widget_views.widget, name="widget"),
]

# For the script of a page, the same in every language. No code of a link is made of these letters.
beacon_urlpatterns = [
    path("-/visit", link_views.visit, name="count_visit"),
]

# The same in every language too: the page says which its picture speaks.
picture_urlpatterns = [
    path("og/<int:pk>-<digest:digest>.jpg", picture_views.share_picture, name="share_picture"),
]

# For machines: the same in every language.
widget_urlpatterns = [
    path("embed.js", widget_views.script, name="widget_script"),
    path("oembed", widget_views.oembed, name="oembed"),
]
