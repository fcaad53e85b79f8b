"""Photos released for the public."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("keeping", "0001_initial"), ("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Release",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("photo_id", models.UUIDField()),
                        ("copy_id", models.UUIDField()),
                        ("side", models.TextField()),
                        ("marks", models.JSONField()),
                        ("released_by", models.TextField()),
                        ("released_post", models.TextField()),
                        ("released_at", models.DateTimeField()),
                        ("withdrawn_by", models.TextField()),
                        ("withdrawn_post", models.TextField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("why", models.TextField()),
                    ],
                    options={"db_table": "keeping_release"},
                ),
            ],
        ),
    ]
