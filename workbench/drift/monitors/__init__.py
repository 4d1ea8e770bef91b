"""Monitors: named, stored, repeatable checks of what a model sees and how well it does."""
