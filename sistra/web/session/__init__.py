"""ROOM: signing in and out, links to set a password, one's own profile, and the pages that anybody may read."""
