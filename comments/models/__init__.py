"""The rows of the discussion. One-row facts live on the models, sets of rows in `comments.querysets`, writes that
touch several rows in the verb modules."""

from comments.models.comment import Comment, RejectionReason, Status
from comments.models.people import AccessToken, Commenter, Reader
from comments.models.records import ModerationEvent, Recommendation, Report, Submission
from comments.models.tag import FacetCount, Tag, TagAssignment, TagKind
from comments.models.thread import Mode, Thread

__all__ = [
    "AccessToken",
    "Comment",
    "Commenter",
    "FacetCount",
    "Mode",
    "ModerationEvent",
    "Reader",
    "Recommendation",
    "RejectionReason",
    "Report",
    "Status",
    "Submission",
    "Tag",
    "TagAssignment",
    "TagKind",
    "Thread",
]
