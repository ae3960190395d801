"""The settings: what can be set, the files and options that set it, and which of them holds for a file."""
