"""All addresses of the add-on. A host includes this module at its root, beside `comments.urls`."""

from django.urls import include, path

from analysis.desk import screening

app_name = "analysis"

urlpatterns = [
    path("desk/editors/", include("analysis.desk.urls")),
    path("desk/screening/", screening.page, name="screening"),
    path("desk/screening/errors/", screening.errors, name="screening-errors"),
    path("desk/screening/version/", screening.version, name="screening-version"),
]
