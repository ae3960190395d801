"""What a child meets that is not forked: a main module imported anew, pickled arguments, and globals of its own."""
