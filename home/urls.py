from django.urls import path

from home import contact_views, views

# Under the language prefix: they speak the language of the page.
urlpatterns = [
    path("search/", views.search, name="site_search"),
    path("messages/<int:pk>/", contact_views.send, name="message_send"),
    path("messages/<int:pk>/sent/", contact_views.sent, name="message_sent"),
]

# The same in every language.
robot_urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]
