"""The room's blueprint with all of its pages."""
from sistra.web.accounts import institutions, roles, users
from sistra.web.accounts.room import bp

__all__ = ["bp", "institutions", "roles", "users"]
