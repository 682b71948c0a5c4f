"""ROOM: a request to open a sealed charge to more people, decided by a second person."""
