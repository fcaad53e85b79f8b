"""State per destination, leases of messages on their way, and notices that wait for a digest."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField("outgoing", "lease", models.UUIDField(null=True)),
                migrations.AddField("outgoing", "leased_until", models.DateTimeField(null=True)),
                migrations.AddField("outgoing", "first_at", models.DateTimeField(null=True)),
                migrations.AddField("outgoing", "tried_at", models.DateTimeField(null=True)),
                migrations.AddField("outgoing", "last_code", models.IntegerField(default=0)),
                migrations.AddField("outgoing", "last_ms", models.IntegerField(default=0)),
                migrations.CreateModel(
                    name="Destination",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "destination",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("destination", models.TextField()),
                        ("failures", models.IntegerField(default=0)),
                        ("failing_since", models.DateTimeField(null=True)),
                        ("resume_at", models.DateTimeField()),
                        ("lease", models.UUIDField(null=True)),
                        ("busy_until", models.DateTimeField(null=True)),
                        ("taken", models.BigIntegerField(default=0)),
                        ("refused", models.BigIntegerField(default=0)),
                        ("last_at", models.DateTimeField(null=True)),
                        ("taken_at", models.DateTimeField(null=True)),
                        ("last_code", models.IntegerField(default=0)),
                        ("last_ms", models.IntegerField(default=0)),
                        ("last_error", models.TextField(default="")),
                    ],
                    options={"db_table": "ledger_destination"},
                ),
                migrations.CreateModel(
                    name="Telling",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "route_id",
                                "notice_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("route_id", models.IntegerField()),
                        ("notice_id", models.UUIDField()),
                        ("urgent", models.BooleanField()),
                        ("added_at", models.DateTimeField()),
                        ("told_at", models.DateTimeField(null=True)),
                        ("message_id", models.UUIDField(null=True)),
                    ],
                    options={"db_table": "ledger_telling"},
                ),
            ],
        ),
    ]
