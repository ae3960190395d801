"""Confirm what is reported: run the program, and hold what it does against each finding."""
