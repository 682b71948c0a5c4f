"""What every room of the web shows things with: forms made from the data dictionary. It knows no room and no record."""
