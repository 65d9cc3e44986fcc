"""All addresses of the add-on. A host includes this module at its root, beside `comments.urls`."""

from django.urls import include, path

app_name = "analysis"

urlpatterns = [
    path("desk/editors/", include("analysis.desk.urls")),
]
