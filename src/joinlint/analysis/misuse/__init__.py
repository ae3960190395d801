"""Calls that fail, hang or lose work."""
