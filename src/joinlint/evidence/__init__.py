"""Evidence: run a program under a recorder and see what its processes do."""
