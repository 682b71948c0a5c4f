"""The room's blueprint with all of its pages."""
from sistra.web.people import accused, identities, links, lists, victims
from sistra.web.people.room import bp

__all__ = ["accused", "bp", "identities", "links", "lists", "victims"]
