"""The addresses of readers, under `comments/`."""

from django.urls import path

from comments.reader import views
from comments.reader.feeds import feed

urlpatterns = [
    path("<int:comment_id>/", views.comment, name="comment"),
    path("<int:comment_id>/status/", views.status, name="status"),
    path("<int:comment_id>/replies/", views.replies, name="replies"),
    path("<int:comment_id>/edit/", views.Edit.as_view(), name="edit"),
    path("<int:comment_id>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("<int:comment_id>/recommend/", views.Recommend.as_view(), name="recommend"),
    path("<int:comment_id>/report/", views.ReportView.as_view(), name="report"),
    path("<int:comment_id>/tags/<slug:slug>/", views.why, name="why"),
    path("threads/<int:thread_id>/post/", views.post, name="post"),
    path("threads/<int:thread_id>/feed/", feed, name="feed"),
    path("preview/", views.preview, name="preview"),
]
