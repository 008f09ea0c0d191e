"""What `make` does: the bootstrap, the demo and its supervisor, the test driver, the catalogues."""
