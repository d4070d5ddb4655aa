"""What the owner knows and wishes of a rollout, and the numbers that follow."""
