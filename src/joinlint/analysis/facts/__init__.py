"""What several rules ask of a program without following its paths."""
