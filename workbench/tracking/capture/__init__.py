"""What a run captures of where it came from and what it used: code, environment, output, load."""
