"""What people make of queues: views that they saved, and sheets of a queue that are made for them beside the page."""
