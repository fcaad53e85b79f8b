"""Alarms of devices: SQL of its own for its composite key (ADR 0003)."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("ledger", "0001_initial"), ("registry", "0003_devices")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Alarm",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "device", "number",
                                blank=True, editable=False, primary_key=True, serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("device", models.TextField()),
                        ("number", models.TextField()),
                        ("kind", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("taken_at", models.DateTimeField()),
                        ("record_id", models.UUIDField()),
                        ("joined", models.BooleanField()),
                    ],
                    options={"db_table": "imports_alarm"},
                ),
            ],
        ),
    ]  # fmt: skip
