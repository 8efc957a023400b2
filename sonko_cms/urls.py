"""Every address of the installation. Which host answers which is decided by HostMiddleware."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls
from wagtail.documents import urls as document_urls

from accounts.views import invitation
from campaigns.urls import beacon_urlpatterns, picture_urlpatterns, widget_urlpatterns
from campaigns.urls import urlpatterns as campaign_urlpatterns
from content.views import media
from donations.urls import notice_urlpatterns
from donations.urls import urlpatterns as donation_urlpatterns
from home.urls import robot_urlpatterns
from home.urls import urlpatterns as home_urlpatterns
from site_settings.urls import urlpatterns as site_settings_urlpatterns
from sonko_cms.views import healthz, tls_allowed

handler500 = "sonko_cms.views.broken"

urlpatterns = [
    path("healthz", healthz),
    path("internal/tls-allowed", tls_allowed),
    *notice_urlpatterns,
    *beacon_urlpatterns,
    *robot_urlpatterns,
    path("media/<path:path>", media),
    path("documents/", include(document_urls)),
    path("admin/invitation/<str:token>/", invitation, name="accounts_invitation"),
    path("admin/", include(admin_urls)),
    *widget_urlpatterns,
    *site_settings_urlpatterns,
    *picture_urlpatterns,
    *i18n_patterns(
        *donation_urlpatterns,
        *campaign_urlpatterns,
        *home_urlpatterns,
        path("", include(wagtail_urls)),
        prefix_default_language=False,
    ),
]
