"""Errors of the ground floor. Each message says what happened and what to do about it."""


class HomeError(Exception):
    """The environment is not fit to run Gewu: a folder, a key, a setting or a database server is missing or wrong."""


class DatabaseUnavailableError(HomeError):
    """The database server does not run, cannot be reached or cannot be used."""
