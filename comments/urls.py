"""All addresses of the plugin. A host includes this module at its root: `path("", include("comments.urls"))`."""

from django.urls import include, path

app_name = "comments"

urlpatterns = [
    path("comments/", include("comments.reader.urls")),
    path("desk/moderation/", include("comments.desk.urls")),
    path("api/v1/", include("comments.api.urls")),
]
