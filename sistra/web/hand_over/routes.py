"""Hand-over: the pages of a charge, those of the offices, and the supervisors' page of assignment join one blueprint."""
from sistra.web.hand_over import assignment, joining, received, referrals
from sistra.web.hand_over.room import bp

__all__ = ["assignment", "bp", "joining", "received", "referrals"]
