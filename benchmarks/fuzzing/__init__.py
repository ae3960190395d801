"""Made-up programs and files, and what must hold for each of them; `fuzz.py` and tests/fuzz run them."""
