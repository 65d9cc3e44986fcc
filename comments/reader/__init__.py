"""The face of readers: the discussion on the article page, and the plugin's own small pages."""
