"""Tables of keeping: SQL of its own for its composite keys (ADR 0003)."""

from pathlib import Path

from django.conf import settings
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")
APPEND_ONLY = "keeping_reveal"


def protect(apps, schema_editor):
    """Take from the application's role the right to change who saw what; with one role only, triggers refuse it."""
    app_role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [app_role])
        owner, known = cursor.fetchone()
        if known and owner != app_role:
            quoted = schema_editor.quote_name(app_role)
            cursor.execute(f"GRANT SELECT, INSERT ON {APPEND_ONLY} TO {quoted}")
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {APPEND_ONLY} FROM {quoted}")
            return
        cursor.execute(
            "CREATE FUNCTION keeping_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {APPEND_ONLY}"
            " FOR EACH ROW EXECUTE FUNCTION keeping_append_only()"
        )
        cursor.execute(
            f"CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {APPEND_ONLY}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keeping_append_only()"
        )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("reason", models.TextField()),
                        ("sealed", models.BinaryField(null=True)),
                        ("until", models.DateField(null=True)),
                        ("set_by", models.TextField()),
                        ("set_at", models.DateTimeField()),
                        ("lifted_by", models.TextField()),
                        ("lifted_at", models.DateTimeField(null=True)),
                    ],
                    options={"db_table": "keeping_hold"},
                ),
                migrations.CreateModel(
                    name="Pass",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("rule", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("found", models.IntegerField()),
                        ("done", models.IntegerField()),
                        ("held", models.IntegerField()),
                    ],
                    options={"db_table": "keeping_pass"},
                ),
                migrations.CreateModel(
                    name="Reveal",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("ask", models.UUIDField()),
                        ("record_id", models.UUIDField()),
                        ("person", models.TextField()),
                        ("post", models.TextField()),
                        ("token", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("purpose", models.TextField()),
                        ("sealed", models.BinaryField(null=True)),
                        ("address", models.BinaryField(null=True)),
                    ],
                    options={"db_table": "keeping_reveal"},
                ),
                migrations.CreateModel(
                    name="Schedule",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "version", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("version", models.IntegerField()),
                        ("body", models.JSONField()),
                        ("set_by", models.TextField()),
                        ("set_at", models.DateTimeField()),
                    ],
                    options={"db_table": "keeping_schedule"},
                ),
            ],
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
