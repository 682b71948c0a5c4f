"""The room's blueprint with all of its pages."""
from sistra.web.session import entering, invitation, own, reading
from sistra.web.session.room import bp

__all__ = ["bp", "entering", "invitation", "own", "reading"]
