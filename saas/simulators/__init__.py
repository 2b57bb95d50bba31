"""Local stand-ins for outside parties, speaking their real formats."""
