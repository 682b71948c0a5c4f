"""WORDS: the code lists and the data dictionary, as shipped CSV and as typed access to it.

The lowest floor: pure data. It imports nothing of the house and knows neither Flask nor a database.
A field is described in `dictionary/fields.csv` and nowhere else; a code in `lists/<list>.csv` and nowhere else.
"""
