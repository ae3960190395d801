"""The running Python's own syntax tree to the program representation: the fast way, for what this Python can parse."""
