"""The room's blueprint with all of its pages. Every view has one silhouette: form, check, act, redirect, else render."""
from sistra.web.charges import editing, opening, reading, route, team
from sistra.web.charges.room import bp

__all__ = ["bp", "editing", "opening", "reading", "route", "team"]
