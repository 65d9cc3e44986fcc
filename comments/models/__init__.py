"""The rows of the discussion. One-row facts live on the models, sets of rows in `comments.querysets`, writes that
touch several rows in the verb modules."""

from comments.models.comment import Comment, RejectionReason, Status
from comments.models.mail import Notice, Outbox, Pace, Subscription
from comments.models.people import AccessToken, Commenter, Confirmation, ConfirmationRequest, Reader
from comments.models.records import READERS_REASONS, ModerationEvent, Recommendation, Report, Submission
from comments.models.tag import FacetCount, Tag, TagAssignment, TagKind, TagSuggestion
from comments.models.thread import Mode, Thread

__all__ = [
    "READERS_REASONS",
    "AccessToken",
    "Comment",
    "Commenter",
    "Confirmation",
    "ConfirmationRequest",
    "FacetCount",
    "Mode",
    "ModerationEvent",
    "Notice",
    "Outbox",
    "Pace",
    "Reader",
    "Recommendation",
    "RejectionReason",
    "Report",
    "Status",
    "Submission",
    "Subscription",
    "Tag",
    "TagAssignment",
    "TagKind",
    "TagSuggestion",
    "Thread",
]
