"""Victims and accused of a charge: their pages, their lists, their identities."""
