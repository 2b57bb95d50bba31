"""Plugins that try to do harm, each in its own way; `tests/plugins/test_evil.py` says what stops each."""
