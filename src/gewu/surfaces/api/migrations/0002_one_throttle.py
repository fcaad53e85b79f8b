"""Budgets have a table of their own room, shared by all doors."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial"), ("throttle", "0001_initial")]
    operations = [migrations.DeleteModel(name="Throttle")]
