"""Who has read a notice: each person for themselves."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0005.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_queues"), ("registry", "0011_administration")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Reading",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "notice_id",
                                "reader",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("notice_id", models.UUIDField()),
                        ("reader", models.TextField()),
                        ("read_at", models.DateTimeField(null=True)),
                    ],
                    options={"db_table": "ledger_reading"},
                ),
                migrations.RemoveField(model_name="notice", name="read_at"),
            ],
        ),
    ]
