"""The site that runs the plugin and the add-on: settings from the environment, the article pages, the demo."""

from newsroom.celery import app as celery_app

__all__ = ["celery_app"]
