from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """What a campaign is about, for the network's showcase."""

    CHILDREN = "children", _("Children and families")
    ANIMALS = "animals", _("Animals")
    ACCESS = "access", _("Health and accessibility")
    ELDERLY = "elderly", _("Older people")
    NATURE = "nature", _("Nature")
    CULTURE = "culture", _("Culture and languages")
    LEARNING = "learning", _("Learning and sport")
    NEIGHBOURS = "neighbours", _("Yard, village, neighbours")
    OTHER = "other", _("Other")
