"""The pages, a module a matter."""
