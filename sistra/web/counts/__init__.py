"""Counts on screen: who is accused of what, their re-typification, the history of their offences."""
