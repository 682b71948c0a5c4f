"""Saved forms: kept as typed, listed, resumed, discarded."""
