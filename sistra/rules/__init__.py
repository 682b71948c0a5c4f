"""SENSE: pure functions over plain values. No Flask, no database, no clock of its own: what is needed is passed in.

A rule of law or of statistics is written here once; forms, importers, the API and the derived columns all use it.
"""
