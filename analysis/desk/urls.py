"""The addresses of the editors' desk, under `desk/editors/`."""

from django.urls import path

from analysis.desk import corrections, learned, views
from comments import routes  # noqa: F401  registers <comments_id:…>

urlpatterns = [
    path("", views.index, name="editors"),
    path("uncertain/", corrections.uncertain, name="editors-uncertain"),
    path("suggestions/", corrections.suggestions, name="editors-suggestions"),
    path("comments/<comments_id:comment_id>/", corrections.one, name="editors-comment"),
    path("comments/<comments_id:comment_id>/correct/", corrections.correct, name="editors-correct"),
    path("tags/<comments_id:tag_id>/threshold/", learned.threshold, name="editors-threshold"),
    path("tags/<comments_id:tag_id>/model/", learned.model, name="editors-model"),
    path("<comments_id:thread_id>/", views.thread, name="editors-thread"),
    path("<comments_id:thread_id>/learned/", learned.learned, name="editors-learned"),
]
