"""Types of inputs with their limits and examples, and the walk that checks what a user gave."""
