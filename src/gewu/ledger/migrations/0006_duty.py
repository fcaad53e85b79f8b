"""Notices that wait to be told outside know by the posts of which units they are told: for duty rosters."""

from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0006.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_readings")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField(
                    model_name="telling", name="units", field=ArrayField(models.TextField(), default=list)
                ),
            ],
        ),
    ]
