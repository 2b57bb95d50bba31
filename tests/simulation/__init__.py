"""Whole stories told by real processes, which are killed on the way."""
