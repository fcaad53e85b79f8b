"""Columns and indexes for queues that stay as fast as the work that is left, however many cases there have been."""

from pathlib import Path

from django.db import migrations

SCHEMA = (Path(__file__).parent / "schema_0004.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_received")]

    operations = [migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)]
