"""Tables of imports: SQL of its own for their composite keys (ADR 0003)."""

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
                    name="Run",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("id", models.UUIDField()),
                        ("platform", models.TextField()),
                        ("file_name", models.TextField()),
                        ("size", models.IntegerField()),
                        ("person", models.TextField()),
                        ("post", models.TextField()),
                        ("language", models.TextField()),
                        ("status", models.TextField()),
                        ("choices", models.JSONField()),
                        ("preview", models.JSONField()),
                        ("fault", models.JSONField()),
                        ("total", models.IntegerField()),
                        ("next_row", models.IntegerField()),
                        ("created", models.IntegerField()),
                        ("changed", models.IntegerField()),
                        ("known", models.IntegerField()),
                        ("bad", models.IntegerField()),
                        ("alike", models.IntegerField()),
                        ("key_id", models.TextField()),
                        ("wrapped", models.BinaryField(null=True)),
                        ("worker", models.TextField()),
                        ("lease_until", models.DateTimeField(null=True)),
                        ("made_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "imports_run",
                    },
                ),
                migrations.CreateModel(
                    name="Item",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "platform",
                                "outside_number",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("platform", models.TextField()),
                        ("outside_number", models.TextField()),
                        ("record_id", models.UUIDField(null=True)),
                        ("run_id", models.UUIDField(null=True)),
                        ("row_no", models.IntegerField()),
                        ("digest", models.BinaryField()),
                        ("received_at", models.DateTimeField()),
                        ("deadline_at", models.DateTimeField(null=True)),
                        ("warn_at", models.DateTimeField(null=True)),
                        ("told", models.IntegerField()),
                        ("times_seen", models.IntegerField()),
                        ("last_seen_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "imports_item",
                    },
                ),
                migrations.CreateModel(
                    name="Fault",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "run_id",
                                "row_no",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("run_id", models.UUIDField()),
                        ("row_no", models.IntegerField()),
                        ("codes", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                        ("sealed", models.BinaryField()),
                    ],
                    options={
                        "db_table": "imports_fault",
                    },
                ),
                migrations.CreateModel(
                    name="Reply",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("id", models.UUIDField()),
                        ("platform", models.TextField()),
                        ("outside_number", models.TextField()),
                        ("record_id", models.UUIDField()),
                        ("stage", models.TextField()),
                        ("seq", models.IntegerField()),
                        ("status", models.TextField()),
                        ("made_at", models.DateTimeField()),
                        ("gone_at", models.DateTimeField(null=True)),
                        ("gone_by", models.TextField()),
                    ],
                    options={
                        "db_table": "imports_reply",
                    },
                ),
            ],
        ),
    ]
