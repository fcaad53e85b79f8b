"""Saved views and sheets of queues: SQL of its own for its composite keys (ADR 0003)."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")
KEY = {"blank": True, "editable": False, "primary_key": True, "serialize": False}


class Migration(migrations.Migration):
    initial = True
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="View",
                    fields=[
                        ("pk", models.CompositePrimaryKey("district_id", "id", **KEY)),
                        ("district_id", models.IntegerField()),
                        ("id", models.UUIDField()),
                        ("person", models.TextField()),
                        ("post", models.TextField()),
                        ("title", models.TextField()),
                        ("query", models.JSONField()),
                        ("shared", models.TextField()),
                        ("position", models.IntegerField()),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={"db_table": "worklists_view"},
                ),
                migrations.CreateModel(
                    name="Sheet",
                    fields=[
                        ("pk", models.CompositePrimaryKey("district_id", "id", **KEY)),
                        ("district_id", models.IntegerField()),
                        ("id", models.UUIDField()),
                        ("person", models.TextField()),
                        ("post", models.TextField()),
                        ("language", models.TextField()),
                        ("title", models.TextField()),
                        ("query", models.JSONField()),
                        ("sight", models.TextField()),
                        ("status", models.TextField()),
                        ("total", models.IntegerField()),
                        ("done", models.IntegerField()),
                        ("size", models.IntegerField()),
                        ("worker", models.TextField()),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("made_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={"db_table": "worklists_sheet"},
                ),
            ],
        ),
    ]
