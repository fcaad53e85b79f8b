"""What answers the addresses of the desk, a file for each page."""
