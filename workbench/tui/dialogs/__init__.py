"""Dialogs of the terminal app, one a file: each asks one thing and is dismissed with the answer."""
