"""Layer 0: what every other layer may use and that uses none of them."""
