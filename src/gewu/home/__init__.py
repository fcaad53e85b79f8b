"""Floor 0: the folder `GEWU_HOME`, keys, the embedded PostgreSQL and its supervisor, Django settings."""
