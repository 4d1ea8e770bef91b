"""Rows and documents as text: tables, JSON, CSV, Markdown, and the views of a run, a comparison, a diff."""
