"""The report of `joinlint audit`: one HTML file that needs nothing beside it."""
