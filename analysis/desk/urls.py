"""The addresses of the editors' desk, under `desk/editors/`."""

from django.urls import path

from analysis.desk import corrections, learned, views

urlpatterns = [
    path("", views.index, name="editors"),
    path("uncertain/", corrections.uncertain, name="editors-uncertain"),
    path("suggestions/", corrections.suggestions, name="editors-suggestions"),
    path("comments/<int:comment_id>/", corrections.one, name="editors-comment"),
    path("comments/<int:comment_id>/correct/", corrections.correct, name="editors-correct"),
    path("tags/<int:tag_id>/threshold/", learned.threshold, name="editors-threshold"),
    path("tags/<int:tag_id>/model/", learned.model, name="editors-model"),
    path("<int:thread_id>/", views.thread, name="editors-thread"),
    path("<int:thread_id>/learned/", learned.learned, name="editors-learned"),
]
