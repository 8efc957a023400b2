from django.urls import path

from site_settings import views

urlpatterns = [
    path("theme/<slug:slug>.css", views.theme_css, name="site_theme_css"),
    path("legal/<slug:kind>/", views.legal_text, name="legal_text"),
    path("legal/<slug:kind>/<int:pk>/", views.legal_text, name="legal_text_version"),
]
