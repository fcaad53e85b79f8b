"""The closed loop: a problem reported, verified, filed, dispatched, handled, checked, closed and answered."""
