"""Programs for those who work on the project; `make` calls them, nothing imports them."""
