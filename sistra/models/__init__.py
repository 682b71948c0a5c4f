"""NOUNS: tables and constraints. They decide nothing and know neither viewer nor request.

Each column of a record is described in the data dictionary; the test of the house holds the two against each other.
"""
from sistra.models import (
           accounts,
           attachments,
           audit,
           charges,
           counts,
           court_cases,
           events,
           exports,
           facts,
           full_text,
           hand_over,
           judgments,
           keys,
           measures,
           people,
           services,
           sharing,
           tasks,
           unsealing,
)

__all__ = ["accounts", "attachments", "audit", "charges", "counts", "court_cases", "events", "exports", "facts", "full_text",
           "hand_over", "judgments", "keys",
           "measures", "people", "services", "sharing", "tasks", "unsealing"]
