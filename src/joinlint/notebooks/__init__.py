"""Jupyter notebooks: their code cells as one Python text, and the way back to the cells."""
