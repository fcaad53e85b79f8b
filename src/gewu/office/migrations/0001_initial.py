"""The registers of an office: SQL of its own for its composite keys (ADR 0003)."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")


def _key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("pk", _key("district_id", "record_id")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("kind", models.TextField()),
                        ("number", models.TextField()),
                        ("year", models.IntegerField()),
                        ("counter", models.IntegerField()),
                        ("day", models.DateField()),
                        ("own_number", models.TextField()),
                        ("own_day", models.DateField(null=True)),
                        ("unit", models.TextField()),
                        ("variant", models.TextField()),
                        ("due_on", models.DateField(null=True)),
                        ("sent_on", models.DateField(null=True)),
                        ("reminders", models.IntegerField()),
                        ("returns", models.IntegerField()),
                        ("relapses", models.IntegerField()),
                        ("result", models.TextField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("struck_off_at", models.DateTimeField(null=True)),
                        ("look_back_at", models.DateTimeField(null=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("matters", models.IntegerField(null=True)),
                        ("late", models.IntegerField(null=True)),
                        ("related", django.contrib.postgres.fields.ArrayField(models.UUIDField(), size=None)),
                        ("sealed", models.BinaryField(null=True)),
                    ],
                    options={"db_table": "office_entry"},
                ),
                migrations.CreateModel(
                    name="Counter",
                    fields=[
                        ("pk", _key("district_id", "kind", "year")),
                        ("district_id", models.IntegerField()),
                        ("kind", models.TextField()),
                        ("year", models.IntegerField()),
                        ("next", models.IntegerField()),
                    ],
                    options={"db_table": "office_counter"},
                ),
                migrations.CreateModel(
                    name="NumberForm",
                    fields=[
                        ("pk", _key("district_id", "kind")),
                        ("district_id", models.IntegerField()),
                        ("kind", models.TextField()),
                        ("form", models.TextField()),
                    ],
                    options={"db_table": "office_numberform"},
                ),
            ],
        ),
    ]
