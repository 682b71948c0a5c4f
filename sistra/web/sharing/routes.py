"""Sharing and the inbox: the three groups of pages join one blueprint."""
from sistra.web.sharing import inbox, offers, requests
from sistra.web.sharing.room import bp

__all__ = ["bp", "inbox", "offers", "requests"]
