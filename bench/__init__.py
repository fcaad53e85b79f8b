"""Every claim about speed, measured: `make bench`, or `python -m bench NAME ...` for some of them."""
