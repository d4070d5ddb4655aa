"""What runs in the pods, how many there are, and how they are replaced."""
