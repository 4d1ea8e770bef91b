"""Layer 3d: what other trackers wrote, and code written for them."""
