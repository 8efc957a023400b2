from django.apps import AppConfig
from django.conf.locale import LANG_INFO

# Django does not know Mari; without this the language cannot be named or chosen.
MARI = {"bidi": False, "code": "mhr", "name": "Eastern Mari", "name_local": "Марий"}


class SonkoCmsConfig(AppConfig):
    name = "sonko_cms"

    def ready(self) -> None:
        LANG_INFO.setdefault("mhr", MARI)
