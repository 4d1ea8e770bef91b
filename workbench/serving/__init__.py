"""The program that answers predictions: one model, one process, HTTP.

It runs inside a model's image and on a laptop (`python -m workbench.serving MODEL_DIR`). It stands alone: it
imports nothing else of workbench, and an image carries it under another name, so every import inside it is
relative. It runs on Python 3.10 and newer, whatever the image brings.
"""

VERSION = "1"
"""Of the protocol, the log lines and `serve.json`; raised when one of them changes in a way that a reader must know."""
