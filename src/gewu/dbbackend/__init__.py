"""Django's PostgreSQL backend with immediate foreign keys and a pool that notices a server that went away."""
