from django.urls import path

from donations import views

# Pages of the donor: under the language prefix, so they speak the language of the page.
urlpatterns = [
    path("donations/start/", views.start, name="donation_start"),
    path("donations/sandbox/<uuid:external_id>/", views.sandbox, name="donation_sandbox"),
    path("donations/<uuid:public_id>/", views.status, name="donation_status"),
    path("donations/<uuid:public_id>/state/", views.state, name="donation_state"),
]

# Addresses for machines: the same in every language, on every host.
notice_urlpatterns = [
    path("donations/yookassa/<str:token>/", views.yookassa_notice, name="yookassa_notice"),
]
