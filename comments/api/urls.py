"""The addresses of the API, under `api/v1/`."""

from django.urls import path, register_converter

from comments import routes  # noqa: F401  registers <comments_id:…>
from comments.api.comments import CommentTagsView, CommentTagView, CommentView, RecommendationsView, ReportsView
from comments.api.moderation import DecisionsView, QueueView, UndoView
from comments.api.schema import SchemaView
from comments.api.threads import CommentsView, ThreadView


class ThreadName:
    """An id or a key. Keys may hold slashes: a server has decoded `%2F` before any route is tried.

    `…/summary/` is left to an add-on that hangs its own calls below a thread.
    """

    regex = r".+(?<!/summary)"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: object) -> str:
        """As it stands; `reverse` quotes it."""
        return str(value)


register_converter(ThreadName, "comments_thread")

urlpatterns = [
    path("threads/<comments_thread:name>/comments/", CommentsView.as_view(), name="api-comments"),
    path("threads/<comments_thread:name>/", ThreadView.as_view(), name="api-thread"),
    path("comments/<comments_id:id>/", CommentView.as_view(), name="api-comment"),
    path("comments/<comments_id:id>/reports/", ReportsView.as_view(), name="api-reports"),
    path("comments/<comments_id:id>/recommendations/", RecommendationsView.as_view(), name="api-recommendations"),
    path("comments/<comments_id:id>/tags/", CommentTagsView.as_view(), name="api-comment-tags"),
    path("comments/<comments_id:id>/tags/<str:slug>/", CommentTagView.as_view(), name="api-comment-tag"),
    path("moderation/comments/", QueueView.as_view(), name="api-moderation-comments"),
    path("moderation/decisions/", DecisionsView.as_view(), name="api-decisions"),
    path("moderation/undo/", UndoView.as_view(), name="api-undo"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
]
