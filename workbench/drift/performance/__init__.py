"""How good a model is: measured where labels are, estimated where they are not there yet."""
