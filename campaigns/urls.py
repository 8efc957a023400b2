from django.urls import path

from campaigns import link_views

# Under the language prefix: the same link leads to the page in the language of its address.
urlpatterns = [
    path("-/<slug:code>", link_views.short_link, name="short_link"),
]

# For the script of a page, the same in every language. No code of a link is made of these letters.
beacon_urlpatterns = [
    path("-/visit", link_views.visit, name="count_visit"),
]
