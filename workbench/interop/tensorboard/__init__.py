"""TensorBoard's event files as runs, without TensorBoard and TensorFlow."""
