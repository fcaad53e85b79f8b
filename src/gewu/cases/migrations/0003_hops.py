"""Hops between the centres of streets and of the district."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0003.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_search")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Hop",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "record_id", "seq", blank=True, editable=False, primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("to_level", models.TextField()),
                        ("from_unit", models.TextField()),
                        ("to_unit", models.TextField()),
                        ("held_s", models.BigIntegerField(null=True)),
                    ],
                    options={"db_table": "cases_hop"},
                ),
            ],
        ),
    ]  # fmt: skip
