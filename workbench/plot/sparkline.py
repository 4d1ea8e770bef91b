"""Sparklines under the name that people look for them: tables draw them too, so they live in `output`."""

from workbench.output.sparkline import sparkline

__all__ = ["sparkline"]
