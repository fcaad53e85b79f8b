"""Knocks are counted in the one table of budgets."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("public", "0001_initial"), ("throttle", "0001_initial")]
    operations = [migrations.DeleteModel(name="Knock")]
