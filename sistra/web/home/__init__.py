"""My desk (Mi mesa): where everybody starts, with what waits for them."""
