"""Sheets and lists of other platforms, their numbers and deadlines, and the replies that go back."""
