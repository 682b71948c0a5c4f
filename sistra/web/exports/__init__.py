"""The room of one's own downloads: what is being made in the background, and what is ready."""
