"""The demo (`make demo`): a small world outside the service, and the story of what happens in it."""
