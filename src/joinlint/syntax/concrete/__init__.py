"""LibCST's tree to the program representation: for syntax that is newer than the running Python's."""
