"""The room of documents: added, listed, read."""
