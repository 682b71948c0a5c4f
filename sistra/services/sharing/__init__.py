"""Sharing a charge: whom it may be offered to, offers and their answers, what a recipient asks for, and who shares what."""
