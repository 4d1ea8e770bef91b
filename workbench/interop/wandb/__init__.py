"""Runs that Weights & Biases has written to the local disk, without wandb and without a network."""
