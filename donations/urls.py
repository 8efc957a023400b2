from django.urls import path

from donations import (
    again_views,
    follow_views,
    monthly_views,
    provider_views,
    status_views,
    transfer_views,
    views,
)

# Pages of the donor: under the language prefix, so they speak the language of the page.
urlpatterns = [
    path("donations/start/", views.start, name="donation_start"),
    path("donations/give/", views.give, name="donation_give"),
    path("donations/follow/", follow_views.follow, name="follow"),
    path("donations/news/<str:token>/", follow_views.news_by_mail, name="news_by_mail"),
    path("donations/sandbox/<uuid:external_id>/", provider_views.sandbox, name="donation_sandbox"),
    path("donations/<uuid:public_id>/", status_views.status, name="donation_status"),
    path("donations/<uuid:public_id>/state/", status_views.state, name="donation_state"),
    path("donations/<uuid:public_id>/again/", again_views.again, name="donation_again"),
    path("monthly/<str:token>/", monthly_views.monthly, name="monthly_gift"),
    path("donations/<uuid:public_id>/transfer/", transfer_views.transfer, name="donation_transfer"),
    path(
        "donations/<uuid:public_id>/transfer/qr.svg",
        transfer_views.transfer_qr,
        {"kind": "svg"},
        name="donation_transfer_qr",
    ),
    path(
        "donations/<uuid:public_id>/transfer/qr.png",
        transfer_views.transfer_qr,
        {"kind": "png"},
        name="donation_transfer_picture",
    ),
    path(
        "donations/<uuid:public_id>/transfer/slip.pdf",
        transfer_views.transfer_slip,
        name="donation_transfer_slip",
    ),
]

# Addresses for machines: the same in every language, on every host.
notice_urlpatterns = [
    path("donations/yookassa/<str:token>/", provider_views.yookassa_notice, name="yookassa_notice"),
]
