"""Drift: two samples of the same columns compared, with a verdict that neither small nor huge samples fool."""
