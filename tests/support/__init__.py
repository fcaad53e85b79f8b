"""Machinery that the tests share."""
