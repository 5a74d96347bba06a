"""Each test has a site of its own, in a database that its module shares."""

from tests.sites import api, database, site

__all__ = ["api", "database", "site"]
