"""Search: a query and what the library says and shows, to photos with why."""
