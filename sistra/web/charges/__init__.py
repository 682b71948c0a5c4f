"""Charges on screen: the list, the twelve fields, the folder and its sections."""
