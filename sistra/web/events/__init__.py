"""Events on screen: the list of acts, their two-step entry, corrections, and deadlines."""
