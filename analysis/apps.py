"""Registers the add-on and listens to the discussion."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = _("Analysis")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analysis import checks, receivers  # noqa: F401  registers the checks, connects the receivers
