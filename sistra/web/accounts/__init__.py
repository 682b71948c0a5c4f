"""ROOM: administration of users, agencies and offices. It never sees the content of a case."""
