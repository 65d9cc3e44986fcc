"""The rows of the discussion. One-row facts live on the models, sets of rows in `comments.querysets`, writes that
touch several rows in the verb modules."""

from comments.models.alerts import Alert, AlertChoice, AlertPace, Delivery, DriftNotice, Webhook
from comments.models.comment import Comment, RejectionReason, Status
from comments.models.desk import Appeal, Block, Reason, Sample, Viewing, WordEntry
from comments.models.mail import Notice, Outbox, Pace, Subscription
from comments.models.people import AccessToken, Commenter, Confirmation, ConfirmationRequest, Mailbox, Reader
from comments.models.records import READERS_REASONS, ModerationEvent, Recommendation, Report, Submission
from comments.models.tag import FacetCount, Tag, TagAssignment, TagKind, TagSuggestion
from comments.models.thread import Mode, Thread

__all__ = [
    "READERS_REASONS",
    "AccessToken",
    "Alert",
    "AlertChoice",
    "AlertPace",
    "Appeal",
    "Block",
    "Comment",
    "Commenter",
    "Confirmation",
    "ConfirmationRequest",
    "Delivery",
    "DriftNotice",
    "FacetCount",
    "Mailbox",
    "Mode",
    "ModerationEvent",
    "Notice",
    "Outbox",
    "Pace",
    "Reader",
    "Reason",
    "Recommendation",
    "RejectionReason",
    "Report",
    "Sample",
    "Status",
    "Submission",
    "Subscription",
    "Tag",
    "TagAssignment",
    "TagKind",
    "TagSuggestion",
    "Thread",
    "Viewing",
    "Webhook",
    "WordEntry",
]
