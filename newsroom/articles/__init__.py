"""The articles of the newsroom site: their pages, and the commands that load and run the demonstration."""
