"""A fresh Wagtail brings a default site on «localhost» with a welcome page. We have neither."""

from django.db import migrations


def remove_stock_site(apps, schema_editor):
    Site = apps.get_model("wagtailcore", "Site")
    Page = apps.get_model("wagtailcore", "Page")
    for site in Site.objects.filter(is_default_site=True, hostname="localhost", site_name=""):
        page = site.root_page
        is_stock = page.content_type.model == "page" and page.numchild == 0
        if is_stock:
            site.delete()
            page.delete()
            Page.objects.filter(depth=1).update(numchild=Page.objects.filter(depth=2).count())


class Migration(migrations.Migration):
    dependencies = [("home", "0001_site_pages"), ("wagtailcore", "0098_apitoken")]

    # Going back brings nothing back: an empty page is nothing to miss.
    operations = [migrations.RunPython(remove_stock_site, migrations.RunPython.noop)]
