"""Bringing in what others recorded: whole runs and facts, each written once, whatever is killed in between."""
