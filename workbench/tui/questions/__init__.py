"""What the screens ask the store, and what they have done to it: the only callers of the features below."""
