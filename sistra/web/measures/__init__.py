"""Measures on screen: coercive and protective ones, their terms, extensions and ends."""
