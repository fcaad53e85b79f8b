"""The ledger's tables. The schema is SQL of its own, because composite keys, immediate composite foreign keys and
collations are not what Django's own DDL makes; the state operations tell Django what there is (ADR 0003)."""

from pathlib import Path

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = ("ledger_event", "ledger_seal", "ledger_sealedhead")
SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")


def protect(apps, schema_editor):
    """Take from the application's role the right to change the past; with one role only, triggers refuse it."""
    app_role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [app_role])
        owner, known = cursor.fetchone()
        quoted = schema_editor.quote_name(app_role)
        if known and owner != app_role:
            for table in APPEND_ONLY:
                cursor.execute(f"GRANT SELECT, INSERT ON {table} TO {quoted}")
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")
            return
        cursor.execute(
            "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
        )
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
            )
            cursor.execute(
                f"CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="AssignmentRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                "no",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("no", models.IntegerField()),
                        ("slot", models.TextField()),
                        ("mode", models.TextField()),
                        ("unit", models.TextField()),
                        ("path", models.TextField()),
                        ("role", models.TextField()),
                        ("person", models.TextField()),
                        ("parent", models.IntegerField()),
                        ("letter", models.BooleanField()),
                        ("status", models.TextField()),
                        ("live", models.BooleanField()),
                        ("opened_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("outcome", models.TextField()),
                    ],
                    options={
                        "db_table": "ledger_assignment",
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField(null=True)),
                        ("seq", models.IntegerField(null=True)),
                        ("role", models.TextField()),
                        ("mime", models.TextField()),
                        ("size", models.IntegerField()),
                        ("sha256", models.BinaryField()),
                        ("width", models.IntegerField()),
                        ("height", models.IntegerField()),
                        ("taken_at", models.DateTimeField(null=True)),
                        ("lon_e6", models.IntegerField(null=True)),
                        ("lat_e6", models.IntegerField(null=True)),
                        ("uploaded_by", models.TextField()),
                        ("uploaded_at", models.DateTimeField()),
                        ("key_id", models.TextField()),
                        ("wrapped", models.BinaryField(null=True)),
                    ],
                    options={
                        "db_table": "ledger_attachment",
                    },
                ),
                migrations.CreateModel(
                    name="ClockRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                "clock_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("clock_id", models.TextField()),
                        ("spec", models.TextField()),
                        ("assignment", models.IntegerField()),
                        ("holder", models.TextField()),
                        ("status", models.TextField()),
                        ("limit_value", models.IntegerField()),
                        ("unit", models.TextField()),
                        ("started_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField()),
                        ("stopped_at", models.DateTimeField(null=True)),
                        ("phase", models.IntegerField()),
                        ("rung", models.TextField()),
                        ("remaining", models.BigIntegerField()),
                        ("extended", models.IntegerField()),
                        ("provisional", models.BooleanField()),
                        ("version", models.IntegerField()),
                    ],
                    options={
                        "db_table": "ledger_clock",
                    },
                ),
                migrations.CreateModel(
                    name="Event",
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
                        ("at", models.DateTimeField()),
                        ("actor", models.TextField()),
                        ("unit", models.TextField()),
                        ("kind", models.TextField()),
                        ("command_id", models.UUIDField()),
                        ("payload", models.JSONField()),
                        ("sealed", models.BinaryField(null=True)),
                        ("previous_hash", models.BinaryField()),
                        ("hash", models.BinaryField()),
                    ],
                    options={
                        "db_table": "ledger_event",
                    },
                ),
                migrations.CreateModel(
                    name="Link",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "record_id",
                                "kind",
                                "other_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("kind", models.TextField()),
                        ("other_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                    ],
                    options={
                        "db_table": "ledger_link",
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField(null=True)),
                        ("role", models.TextField()),
                        ("unit", models.TextField()),
                        ("person", models.TextField()),
                        ("message", models.TextField()),
                        ("detail", models.JSONField()),
                        ("at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "ledger_notice",
                    },
                ),
                migrations.CreateModel(
                    name="NumberBlock",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("day", models.DateField()),
                        ("next", models.IntegerField()),
                    ],
                    options={
                        "db_table": "ledger_numberblock",
                    },
                ),
                migrations.CreateModel(
                    name="Outgoing",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField(null=True)),
                        ("seq", models.IntegerField()),
                        ("topic", models.TextField()),
                        ("destination", models.TextField()),
                        ("payload", models.JSONField()),
                        ("status", models.TextField()),
                        ("attempts", models.IntegerField()),
                        ("next_at", models.DateTimeField()),
                        ("last_error", models.TextField()),
                        ("created_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "ledger_outgoing",
                    },
                ),
                migrations.CreateModel(
                    name="Record",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("kind", models.TextField()),
                        ("playbook", models.TextField()),
                        ("playbook_version", models.IntegerField()),
                        ("stage", models.TextField()),
                        ("ended", models.BooleanField()),
                        ("tier", models.TextField()),
                        ("place", models.TextField()),
                        ("areas", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                        (
                            "involved",
                            django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
                        ),
                        ("due_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField()),
                        ("version", models.IntegerField()),
                        ("state", models.JSONField()),
                        ("head", models.BinaryField()),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "ledger_record",
                    },
                ),
                migrations.CreateModel(
                    name="RecordKey",
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
                        ("key_id", models.TextField()),
                        ("wrapped", models.BinaryField(null=True)),
                        ("erased_at", models.DateTimeField(null=True)),
                        ("erased_by", models.TextField()),
                    ],
                    options={
                        "db_table": "ledger_recordkey",
                    },
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "no", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("no", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("heads", models.IntegerField()),
                        ("root", models.BinaryField()),
                        ("previous_hash", models.BinaryField()),
                        ("hash", models.BinaryField()),
                    ],
                    options={
                        "db_table": "ledger_seal",
                    },
                ),
                migrations.CreateModel(
                    name="SealedHead",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id",
                                "seal_no",
                                "record_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("seal_no", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("hash", models.BinaryField()),
                    ],
                    options={
                        "db_table": "ledger_sealedhead",
                    },
                ),
                migrations.CreateModel(
                    name="Standstill",
                    fields=[
                        ("district_id", models.IntegerField(primary_key=True, serialize=False)),
                        ("as_of", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "ledger_standstill",
                    },
                ),
            ],
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
