"""Words, callers and cells by which cases are found (ADR 0014)."""

from pathlib import Path

import django.contrib.postgres.search
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Words",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                "seq",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("words", django.contrib.postgres.search.SearchVectorField()),
                    ],
                    options={
                        "db_table": "cases_words",
                    },
                ),
                migrations.CreateModel(
                    name="Caller",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                "seq",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("phone_hash", models.BinaryField()),
                    ],
                    options={
                        "db_table": "cases_caller",
                    },
                ),
            ],
        ),
    ]
