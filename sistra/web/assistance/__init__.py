"""Services for victims on screen: those of a charge, and those of all charges in sight."""
