"""How often somebody may knock, at all doors that are open to strangers: one table, one way of counting."""
