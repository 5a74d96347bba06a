"""The GraphQL API. The enums are published before anything refers to them."""

import service.api.enums  # noqa: F401 - publishing is what the import is for
