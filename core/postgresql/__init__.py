"""Django's PostgreSQL backend, but that asking whether a connection is alive costs no round trip."""
