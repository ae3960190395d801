"""What becomes of the workers that a program starts: abstract interpretation of the program representation."""
