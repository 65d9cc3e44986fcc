"""The reply form as it stands on the page. What is acceptable is decided by `comments.posting`; this only carries
values and their faults, so that the page and the API cannot come to differ."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments import conf
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal
from comments.models import Comment

HONEYPOT = "homepage"


class ReplyForm(forms.Form):
    """Fields of the form. None is `required` here: an empty one is the verb's to refuse, in one place for all faces."""

    body = forms.CharField(label=_("Comment"), required=False, strip=False, widget=forms.Textarea)
    name = forms.CharField(label=_("Name"), required=False, strip=False)
    # The context keeps it apart from the "Email" of Django's own accounts, whose catalogue may come first.
    email = forms.CharField(label=pgettext_lazy("field of the form", "Email"), required=False, strip=False)
    website = forms.CharField(label=_("Website"), required=False, strip=False)
    parent = forms.CharField(required=False, widget=forms.HiddenInput)
    remember = forms.BooleanField(required=False)
    notify = forms.BooleanField(required=False)
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    homepage = forms.CharField(required=False, strip=False)

    def draft(self) -> Draft:
        """What was typed. A parent that is no number is passed on as one that does not exist."""
        data = self.data
        parent = (data.get("parent") or "").strip()
        number = None
        if parent:
            number = int(parent) if parent.isascii() and parent.isdigit() and len(parent) < 19 else -1
        return Draft(
            body=data.get("body") or "",
            name=data.get("name") or "",
            email=data.get("email") or "",
            website=data.get("website") or "",
            parent=number,
            notify=bool(data.get("notify")),
        )

    def add_refusal(self, refusal: Refusal) -> None:
        """Put what the verb said to the fields it said it about."""
        self.is_valid()  # fills cleaned_data, which add_error wants
        if isinstance(refusal, InvalidFields):
            for field, sentences in refusal.fields.items():
                for sentence in sentences:
                    self.add_error(field if field in self.fields else None, str(sentence))
        else:
            self.add_error(None, str(refusal.detail))

    @property
    def max_length(self) -> int:
        return int(conf.MAX_LENGTH)


def blank_form(initial: dict[str, Any], parent: Comment | None) -> ReplyForm:
    """A form that nobody has filled in yet, with what this browser chose to remember."""
    return ReplyForm(initial={**initial, "parent": parent.pk if parent else ""})
