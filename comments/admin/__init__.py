"""The plugin in Django's admin: threads with their tags, access tokens, and the rest to look at.

Every write goes through the verb that the desk and the API use. Commenter is not here: its one column of interest is
an address, and that is nobody's to browse.
"""

from comments.admin import desk, discussion, people  # noqa: F401  registers them
