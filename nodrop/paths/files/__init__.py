"""Reading files, folders and standard input: objects as kubectl reads them, and the line of each of their fields."""
