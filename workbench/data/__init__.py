"""Layer 3: data. Runs and metrics as polars frames; dataset versions, profiles and validation."""
