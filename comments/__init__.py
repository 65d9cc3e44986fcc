"""Leave a Reply: the discussion under an article.

The plugin. It knows threads, comments, screening, moderation and tags as neutral labels; which tag a
comment deserves is somebody else's business (`analysis`, or an editor by hand).
"""

__version__ = "0.1.0"
