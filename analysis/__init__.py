"""The add-on that decides which tags a comment gets and why, and summarises a discussion for editors."""
