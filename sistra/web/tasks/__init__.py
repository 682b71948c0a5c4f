"""Tasks on screen: one's own, the office's, those of a charge."""
