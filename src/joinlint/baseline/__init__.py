"""Findings that are known already, kept in a file: only new ones are reported."""
