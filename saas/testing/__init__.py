"""For authors of plugins: facts to try them on, a tenant in memory with the real host, golden decisions.

`from saas.testing.facts import a_case`, `from saas.testing.house import House`, `from saas.testing.golden import …`.
Only tests import it.
"""
