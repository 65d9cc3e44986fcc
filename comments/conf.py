"""The app's settings: the one dict `COMMENTS`, read on each access, with a default and a sentence for each key.

Everybody in the app may call `conf.NAME`. Reading late lets tests and hosts override a key without a restart;
`comments.checks` refuses keys that are not in `SETTINGS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

DEFAULT_SCREENS = (
    "comments.screening.screens.closed_thread",
    "comments.screening.screens.blocked",
    "comments.screening.screens.flood",
    "comments.screening.screens.honeypot",
    "comments.screening.screens.time_stamp",
    "comments.screening.screens.repeated_text",
    "comments.screening.screens.near_repeated",
    "comments.screening.screens.staff_name",
    "comments.screening.screens.links",
    "comments.screening.screens.link_tricks",
    "comments.screening.screens.fast_link",
    "comments.screening.screens.blocked_words",
    "comments.screening.screens.prior",
    "comments.screening.screens.newcomer",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of `COMMENTS`: its default and the sentence that the README prints."""

    default: Any
    help: str


SETTINGS: dict[str, Setting] = {
    "ADDRESS_KEYS": Setting(
        (),
        "Secrets that seal and digest addresses, newest first; older ones still open what they sealed. "
        "`SECRET_KEY` and `SECRET_KEY_FALLBACKS` seal where none is given, and open what they sealed in any case.",
    ),
    "MODE": Setting(
        "hold_newcomers",
        "What a new thread does with a comment: `hold_all`, `hold_newcomers`, `publish` or `closed`.",
    ),
    "CLOSE_AFTER_DAYS": Setting(None, "Days after which a thread takes no more comments; `None` keeps it open."),
    "SCREENS": Setting(DEFAULT_SCREENS, "Dotted paths of the screens, in the order in which they are asked."),
    "BLOCKED_WORDS": Setting(
        (),
        "Words, phrases and domains that send a comment to a moderator, beside those of the desk's lists; "
        "`*` stands for any letters of a word.",
    ),
    "SCREEN_HOLD": Setting(0.5, "From this score on (0 to 1), as likely spam, a comment waits for a moderator."),
    "SCREEN_SPAM": Setting(0.9, "From this score on (0 to 1) a comment is put among the spam."),
    "SHORTENERS": Setting(
        (
            "bit.ly",
            "bl.ink",
            "buff.ly",
            "clck.ru",
            "cutt.ly",
            "goo.gl",
            "is.gd",
            "lnkd.in",
            "ow.ly",
            "rb.gy",
            "rebrand.ly",
            "s.id",
            "shorturl.at",
            "t.co",
            "t.ly",
            "t2m.io",
            "tiny.cc",
            "tinyurl.com",
            "v.gd",
            "vk.cc",
        ),
        "Hosts that only lead on to others; a link to one waits for a moderator.",
    ),
    "TYPING_SPEED": Setting(
        25, "Characters a second that nobody types: a faster comment with a link or a website waits for a moderator."
    ),
    "OUTSIDE_SCREENS": Setting(
        (),
        "Dotted paths of screens that ask a service over the network, before the database is touched: "
        "`comments.screening.service.ask` and `comments.screening.akismet.ask` are shipped. What readers write leaves "
        "your machines with them: name each service in `THIRD_PARTIES`.",
    ),
    "OUTSIDE_TIMEOUT": Setting(3.0, "Seconds that an outside screen may take."),
    "OUTSIDE_WHEN_DOWN": Setting(
        "hold", "What a comment does when an outside screen does not answer: `hold`, or `publish`."
    ),
    "SERVICE_URL": Setting("", "Address of the service that `comments.screening.service.ask` asks."),
    "SERVICE_SECRET": Setting("", "Secret with which those questions are signed (HMAC-SHA256)."),
    "AKISMET_KEY": Setting("", "Key of your Akismet account."),
    "AKISMET_URL": Setting("https://rest.akismet.com/1.1/", "Where Akismet's API is found."),
    "RESERVED_NAMES": Setting(
        (
            "admin",
            "administrator",
            "editor",
            "editorial",
            "moderator",
            "newsroom",
            "staff",
            "webmaster",
            "адміністратор",
            "модератор",
            "редактор",
            "редакція",
        ),
        "Words that only staff may carry in a name; the names of staff accounts are reserved as well.",
    ),
    "SANITISER": Setting(
        "bleach",
        "What takes harmful html out of comments: `bleach`, or `nh3` (`pip install leave-a-reply[nh3]`). "
        "Both leave the same words, elements and links.",
    ),
    "SAMPLE_SHARE": Setting(
        0.02,
        "Share of the comments on which a score decided alone that a person looks at all the same; `0` for none.",
    ),
    "MAX_LENGTH": Setting(10_000, "Longest comment, in characters."),
    "MAX_NAME_LENGTH": Setting(60, "Longest name, in characters."),
    "MAX_LINKS": Setting(2, "A comment with more links than this waits for a moderator."),
    "MIN_SECONDS": Setting(2, "A form that comes back sooner than this many seconds was not filled in by a person."),
    "MAX_FORM_AGE": Setting(86_400, "Seconds after which a form has to be sent once more."),
    "FLOOD_SECONDS": Setting(60, "Length of the window in which comments from one client address are counted."),
    "FLOOD_HOLD": Setting(10, "From this many comments in the window on, further ones wait for a moderator."),
    "FLOOD_REFUSE": Setting(60, "From this many comments in the window on, further ones are refused (429)."),
    "NEW_READERS": Setting(
        20, "How many new browsers may recommend or report from one client address in the window; more get 429."
    ),
    "TRUSTED_PROXIES": Setting(
        0, "How many proxies of yours stand before the site; `X-Forwarded-For` is believed no further than that."
    ),
    "EDIT_WINDOW": Setting(
        900,
        "Seconds in which an author can edit or withdraw, from the browser that posted or one in which the address is "
        "confirmed.",
    ),
    "MAX_DEPTH": Setting(4, "Deepest indentation of replies; deeper ones say what they answer instead."),
    "COMMENTS_PER_PAGE": Setting(50, "Comments on a page, the replies that are shown at once among them."),
    "REPLIES_PER_ROOT": Setting(3, "Replies shown under a conversation before “show more replies”."),
    "REPLIES_PER_PAGE": Setting(50, "Replies that “show more replies” brings at a time."),
    "CACHE_SECONDS": Setting(60, "How long a rendered list may serve; a change to the thread renders it anew at once."),
    "SUBMISSION_DAYS": Setting(7, "Days for which digests of client addresses and texts are kept."),
    "UNCONFIRMED_DAYS": Setting(
        56,
        "Days for which an email address is kept that was never confirmed and is not typed again; `None` keeps it.",
    ),
    "REJECTED_DAYS": Setting(
        180,
        "Days after the last decision for which rejected comments and spam keep their text and author; "
        "`None` keeps both.",
    ),
    "LOG_DAYS": Setting(
        365,
        "Days for which the log of decisions keeps names of moderators and notes, and settled reports their notes; "
        "`None` keeps both.",
    ),
    "MAIL_DAYS": Setting(
        30, "Days for which the outbox keeps mails that are done with, and used or expired links; `None` keeps them."
    ),
    "READER_DAYS": Setting(90, "Days for which a browser is remembered that left nothing behind; `None` keeps it."),
    "SITE_URL": Setting(
        "",
        "Where readers find the site, such as `https://news.example.org`; links in mails begin with it. "
        "Empty: no mail is offered or sent.",
    ),
    "SITE_NAME": Setting("", "The name of the site in mails and on its privacy page; empty: the host of `SITE_URL`."),
    "MAIL_DELAY": Setting(
        60, "Seconds that news waits before it goes, so that a decision that is undone mails nobody."
    ),
    "MAIL_TRIES": Setting(
        (60, 300, 1_800, 7_200, 21_600, 86_400),
        "Pauses in seconds between the tries of a mail that could not be sent; after the last it is given up.",
    ),
    "MAIL_CLAIM_SECONDS": Setting(
        600,
        "Seconds after which a mail is taken up again whose worker has not come back; more than a mail server may take "
        "to answer.",
    ),
    "CONFIRM_HOURS": Setting(48, "Hours for which the link of a confirmation mail works, once."),
    "CONFIRM_MAILS": Setting(
        4, "How many confirmation mails an address gets in all before its owner confirms it; never more than one a day."
    ),
    "ALERT_LINK_HOURS": Setting(
        72, "Hours for which a link in an alert lets the moderator it was sent to decide on the comment, once."
    ),
    "WEBHOOK_TRIES": Setting(
        (10, 60, 600, 3_600, 21_600, 86_400),
        "Pauses in seconds between the tries of a webhook's message that did not arrive; after the last it is given "
        "up.",
    ),
    "WEBHOOK_SECONDS": Setting(10, "Seconds that one try may take, from connecting to the answer's status."),
    "WEBHOOK_PRIVATE": Setting(
        False, "Whether a webhook may lie on a private or local network, and be reached by plain HTTP."
    ),
    "APPEAL_DAYS": Setting(
        30,
        "Days after a rejection in which its author can ask for another look, or, where asked to, send a revised "
        "text; 0 offers neither.",
    ),
    "PRIVACY_CONTACT": Setting(
        "", "Who answers for the readers' data: a line on the privacy page, such as a name and how to reach them."
    ),
    "THIRD_PARTIES": Setting(
        (),
        "A sentence for the privacy page about each one outside who gets something of readers, such as a mail "
        "provider or a tagger that is not on your machines. Empty: the page says that there is none.",
    ),
    "BASE_TEMPLATE": Setting(
        "comments/base.html", "Template that the plugin's own pages extend; it needs the blocks `title` and `content`."
    ),
}


def __getattr__(name: str) -> Any:
    """Return the value of a key of `COMMENTS`, or its default.

    Raises:
        AttributeError: the name is not a setting of this app.
    """
    try:
        setting = SETTINGS[name]
    except KeyError:
        raise AttributeError(name) from None
    return getattr(settings, "COMMENTS", {}).get(name, setting.default)
