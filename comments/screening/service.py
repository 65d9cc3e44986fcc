"""An outside screen that asks a service of the site's own choice.

It gets a POST with JSON: `text`, `name`, `website`, `links`, `language`, `url` (of the article), `seconds` (age of the
form, or null) and `is_edit`; never an address of any kind. The header `X-Leave-A-Reply-Signature` is
`t=<unix seconds>,v1=<hex>`, the HMAC-SHA256 of `<unix seconds>.<body>` under `COMMENTS["SERVICE_SECRET"]`, the form in
which webhooks are signed. It answers 200 with JSON: `verdict` (`publish`, `hold`, `reject` or `spam`), and if it likes
`detail`, a sentence for moderators, and `found`, words to mark.
"""

from __future__ import annotations

import json
import time
from typing import Any

from comments import conf, signatures
from comments.screening.exchange import ServiceFault, post
from comments.screening.verdict import Facts, Outcome, Verdict

_OUTCOMES = {
    "publish": Outcome.PUBLISH,
    "hold": Outcome.HOLD,
    "reject": Outcome.REJECT,
    "spam": Outcome.SPAM,
}


def ask(facts: Facts) -> Verdict | None:
    """Ask the service.

    Raises:
        ServiceFault: no answer, or one that means nothing.
    """
    question = {
        "text": facts.text,
        "name": facts.name,
        "website": facts.website,
        "links": list(facts.links),
        "language": facts.language,
        "url": facts.url,
        "seconds": facts.seconds,
        "is_edit": facts.is_edit,
    }
    body = json.dumps(question).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if conf.SERVICE_SECRET:
        headers[signatures.HEADER] = signatures.sign(body, secret=conf.SERVICE_SECRET, at=int(time.time()))
    reply = post(conf.SERVICE_URL, body, headers, seconds=conf.OUTSIDE_TIMEOUT)
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise ServiceFault("its answer is no JSON") from error
    return _verdict(answer)


def _verdict(answer: Any) -> Verdict | None:
    outcome = _OUTCOMES.get(str(answer.get("verdict"))) if isinstance(answer, dict) else None
    if outcome is None:
        raise ServiceFault("its answer names no verdict")
    if outcome is Outcome.PUBLISH:
        return None
    detail, found = answer.get("detail"), answer.get("found")
    words = [word[:200] for word in found if isinstance(word, str)] if isinstance(found, list) else []
    return Verdict(outcome, "outside", detail[:300] if isinstance(detail, str) else "", found=tuple(words[:10]))
