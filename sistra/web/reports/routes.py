"""The pages of this room."""
from sistra.web.reports import agency_month, figures, microdata
from sistra.web.reports.room import bp

__all__ = ["agency_month", "bp", "figures", "microdata"]
