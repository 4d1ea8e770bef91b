"""Fit a cubic to noisy points by gradient descent. Knows nothing of workbench, and needs nothing but Python.

Usage: python fit.py [LEARNING_RATE] [EPOCHS]
"""

import json
import math
import random
import sys

learning_rate = float(sys.argv[1]) if len(sys.argv) > 1 else 0.05
epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 30

random.seed(7)
xs = [random.uniform(-1.5, 1.5) for _ in range(4000)]
points = [(x, math.sin(2 * x) + random.gauss(0, 0.1)) for x in xs]

weights = [0.0, 0.0, 0.0, 0.0]
loss = 0.0
for epoch in range(1, epochs + 1):
    random.shuffle(points)
    total = 0.0
    for n, (x, y) in enumerate(points, 1):
        powers = [1.0, x, x * x, x * x * x]
        error = sum(w * p for w, p in zip(weights, powers, strict=True)) - y
        weights = [w - learning_rate * error * p / (1 + epoch) for w, p in zip(weights, powers, strict=True)]
        total += error * error
        if n % 400 == 0:
            bar = "#" * (n * 20 // len(points))
            sys.stdout.write(f"\repoch {epoch:2d} [{bar:<20}] loss {total / n:.4f}")
            sys.stdout.flush()
    sys.stdout.write("\n")
    loss = total / len(points)
    if not math.isfinite(loss):
        sys.exit(f"the loss is {loss}: learning rate {learning_rate} is too high")

with open("weights.json", "w") as file:
    json.dump({"weights": weights, "loss": loss}, file)
print(f"wrote weights.json, final loss {loss:.4f}")
