"""The detail of cases: SQL of its own for its composite keys (ADR 0003)."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("number", models.TextField()),
                        ("outside_number", models.TextField()),
                        ("source", models.TextField()),
                        ("category", models.TextField()),
                        ("owner", models.TextField()),
                        ("standard", models.TextField()),
                        ("urgent", models.BooleanField()),
                        ("has_reporter", models.BooleanField()),
                        ("lon_e6", models.IntegerField(null=True)),
                        ("lat_e6", models.IntegerField(null=True)),
                        (
                            "candidates",
                            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                        ),
                        ("flags", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                        ("lead_unit", models.TextField()),
                        ("verification", models.TextField()),
                        ("check_result", models.TextField()),
                        ("solved", models.TextField()),
                        ("satisfied", models.TextField()),
                        ("reported_at", models.DateTimeField()),
                        ("filed_at", models.DateTimeField(null=True)),
                        ("dispatched_at", models.DateTimeField(null=True)),
                        ("handled_at", models.DateTimeField(null=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("handle_due_at", models.DateTimeField(null=True)),
                        ("returns", models.IntegerField()),
                        ("reworks", models.IntegerField()),
                        ("reminders", models.IntegerField()),
                        ("sealed", models.BinaryField(null=True)),
                        ("phone_hash", models.BinaryField(null=True)),
                    ],
                    options={
                        "db_table": "cases_case",
                    },
                ),
            ],
        ),
    ]
