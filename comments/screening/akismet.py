"""Akismet's comment-check API as an outside screen, and what moderators decide told back to it.

Nothing is sent unless `COMMENTS["OUTSIDE_SCREENS"]` names `comments.screening.akismet.ask` and there is a key. It gets
what readers see of a comment: text, name, website, the article's address. It never gets a mail address nor that of a
visitor: the site does not keep the one in the clear and has given its word on the other; `user_ip`, which the API asks
for, says so by naming no machine.

Source: https://akismet.com/developers/detailed-docs/comment-check/
"""

from __future__ import annotations

from urllib.parse import urlencode

from comments import conf
from comments.models import Comment
from comments.screening.exchange import Reply, ServiceFault, post
from comments.screening.verdict import Facts, Outcome, Verdict

PATH = "comments.screening.akismet.ask"
CODE = "akismet"
NOBODY = "0.0.0.0"  # noqa: S104  not a socket: the field is asked for, and nobody's address goes into it

_DISCARD = "discard"


def ask(facts: Facts) -> Verdict | None:
    """Ask whether a comment is spam. What Akismet calls blatant ("discard") is spam like the rest here: nothing that a
    reader wrote is thrown away unseen.

    Raises:
        ServiceFault: no answer, or one that is neither yes nor no, such as for a wrong key.
    """
    fields = _fields(facts.text, facts.name, facts.website, facts.url)
    if facts.is_edit:
        fields["recheck_reason"] = "edit"
    if facts.language:
        fields["blog_lang"] = facts.language
    reply = _send("comment-check", fields)
    answer = reply.body.strip()
    if answer == b"false":
        return None
    if answer != b"true":
        # The help names what is missing, such as a key; it quotes nothing of the comment.
        hint = reply.headers.get("x-akismet-debug-help", "")[:200]
        raise ServiceFault(f"it says neither yes nor no. {hint}".strip())
    tip = reply.headers.get("x-akismet-pro-tip", "")
    return Verdict(Outcome.SPAM, CODE, _DISCARD if tip == _DISCARD else "")


def is_wrong_about(comment: Comment, *, decided: str) -> bool:
    """Whether a moderator's decision is news to Akismet: it named spam what a person approved, or the reverse."""
    if PATH not in conf.OUTSIDE_SCREENS or not conf.AKISMET_KEY or comment.is_staff:
        return False
    named = any(entry.get("code") == CODE for entry in comment.screening)
    return (decided == "approved" and named) or (decided == "spam" and not named)


def report(comment: Comment) -> bool:
    """Tell Akismet what a person decided about a comment, as it stands now; False where that is no news any more.

    Raises:
        ServiceFault: it cannot be told now.
    """
    if not comment.html or not is_wrong_about(comment, decided=comment.status):
        return False
    fields = _fields(comment.text, comment.author_name, comment.author_website, comment.thread.url)
    _send("submit-spam" if comment.status == "spam" else "submit-ham", fields)
    return True


def _fields(text: str, name: str, website: str, url: str) -> dict[str, str]:
    fields = {
        "api_key": conf.AKISMET_KEY,
        "blog": conf.SITE_URL,
        "user_ip": NOBODY,
        "comment_type": "comment",
        "comment_content": text,
        "comment_author": name,
        "comment_author_url": website,
        "blog_charset": "UTF-8",
    }
    if url:
        fields["permalink"] = url if "://" in url else conf.SITE_URL.rstrip("/") + url
    return fields


def _send(what: str, fields: dict[str, str]) -> Reply:
    if not conf.AKISMET_KEY:
        raise ServiceFault("there is no key")
    body = urlencode(fields, errors="replace").encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "User-Agent": "LeaveAReply/1.0 | Akismet/1.0",
    }
    return post(conf.AKISMET_URL.rstrip("/") + "/" + what, body, headers, seconds=conf.OUTSIDE_TIMEOUT)
