"""What an input is: its type with limits and example, the rules of several, and the walk that checks what is given."""
