"""What devices outside have sent, and photos found by their content."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0003.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_destinations")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Received",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "device",
                                "item",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("device", models.UUIDField()),
                        ("item", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("person", models.TextField()),
                        ("kind", models.TextField()),
                        ("status", models.TextField()),
                        ("code", models.TextField(default="")),
                        ("record_id", models.UUIDField(null=True)),
                        ("first_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("times", models.IntegerField(default=1)),
                    ],
                    options={"db_table": "ledger_received"},
                ),
            ],
        ),
    ]
