"""The terminal app: a face of the same core that the command line shows. `launch.open_app` opens it."""
