"""ROOM: reports, and the monthly report of an agency."""
