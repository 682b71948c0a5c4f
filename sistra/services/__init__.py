"""VERBS: one module per room. Each takes the viewer first, goes through scope and lens, flushes and never commits.

Desks stand above files, files above helpers, helpers above the trail, the trail above the unit of work.
"""
