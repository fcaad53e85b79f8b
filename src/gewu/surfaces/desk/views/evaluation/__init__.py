"""Evaluation at the desk: figures of a month, the records behind each, scores, and one's own figures."""
