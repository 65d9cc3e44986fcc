"""The addresses of the moderation desk, under `desk/moderation/`."""

from django.urls import path

from comments.desk import views

urlpatterns = [
    path("", views.queue, name="moderation"),
    path("log/", views.log, name="log"),
    path("<int:comment_id>/", views.one, name="desk-comment"),
    path("<int:comment_id>/decide/", views.decide, name="decide"),
]
