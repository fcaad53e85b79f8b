"""Pages of what leaves the house: webhooks, notification channels, their logs, and how each person is told."""
