"""Search by number, from the masthead."""
