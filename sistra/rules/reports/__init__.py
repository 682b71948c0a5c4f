"""Statistics as data: what each report counts, by what, and how figures become tables. Source: `report_catalog.csv`."""
