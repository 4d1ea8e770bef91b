"""MLflow: its code on our store (`plugin`), and what its stores hold, brought in and out."""
