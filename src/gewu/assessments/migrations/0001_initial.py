"""Rounds, their points, ballots and codes: SQL of its own for its composite keys (ADR 0003).

Ballots can be written anew until the voting closes, never taken away; who looked at them stands for good.
"""

from pathlib import Path

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")
KEPT = ("assessments_ballot", "assessments_rating", "assessments_code")
APPEND_ONLY = ("assessments_look",)


def protect(apps, schema_editor):
    """Take from the application's role the right to take ballots away or to change who looked; else triggers refuse."""
    app_role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [app_role])
        owner, known = cursor.fetchone()
        if known and owner != app_role:
            quoted = schema_editor.quote_name(app_role)
            for table in KEPT:
                cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {quoted}")
            for table in APPEND_ONLY:
                cursor.execute(f"GRANT SELECT, INSERT ON {table} TO {quoted}")
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")
            return
        cursor.execute(
            "CREATE FUNCTION assessments_kept() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION '% is kept', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
        )
        for table in (*KEPT, *APPEND_ONLY):
            what = "DELETE" if table in KEPT else "UPDATE OR DELETE"
            cursor.execute(
                f"CREATE TRIGGER append_only_rows BEFORE {what} ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION assessments_kept()"
            )
            cursor.execute(
                f"CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION assessments_kept()"
            )


def _key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Round",
                    fields=[
                        ("pk", _key("district_id", "record_id")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("playbook", models.TextField()),
                        ("period", models.TextField()),
                        ("number", models.TextField()),
                        ("year", models.IntegerField()),
                        ("counter", models.IntegerField()),
                        ("method", models.TextField()),
                        ("quorum", models.IntegerField()),
                        ("streets", django.contrib.postgres.fields.ArrayField(models.TextField(), size=None)),
                        ("departments", django.contrib.postgres.fields.ArrayField(models.TextField(), size=None)),
                        ("nominate_by", models.DateField(null=True)),
                        ("build_by", models.DateField(null=True)),
                        ("tour_on", models.DateField(null=True)),
                        ("vote_by", models.DateField(null=True)),
                        ("entries", models.IntegerField()),
                        ("delegates", models.IntegerField()),
                        ("voting_at", models.DateTimeField(null=True)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("counted_at", models.DateTimeField(null=True)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("voided_at", models.DateTimeField(null=True)),
                        ("ballots", models.IntegerField(null=True)),
                        ("ratings", models.IntegerField(null=True)),
                        ("root", models.BinaryField(null=True)),
                        ("result", models.TextField(null=True)),
                        ("class_name", models.TextField(db_column="class")),
                        ("level", models.TextField()),
                        ("unit", models.TextField()),
                        ("notice_at", models.DateTimeField(null=True)),
                        ("notice_until", models.DateTimeField(null=True)),
                        ("awarded_at", models.DateTimeField(null=True)),
                        ("name_withdrawn", models.BooleanField()),
                        ("sealed", models.BinaryField(null=True)),
                    ],
                    options={"db_table": "assessments_round"},
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("pk", _key("district_id", "record_id", "seq")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("what", models.TextField()),
                        ("entry", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("unit", models.TextField()),
                        ("track", models.TextField()),
                        ("place", models.TextField()),
                        ("case_id", models.UUIDField(null=True)),
                        ("photo", models.UUIDField(null=True)),
                    ],
                    options={"db_table": "assessments_entry"},
                ),
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        ("pk", _key("district_id", "record_id", "seq")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("unit", models.TextField()),
                        ("item", models.TextField()),
                        ("quantity", models.BigIntegerField()),
                        ("measure", models.TextField()),
                        ("street", models.TextField()),
                        ("day", models.DateField()),
                    ],
                    options={"db_table": "assessments_service"},
                ),
                migrations.CreateModel(
                    name="Ballot",
                    fields=[
                        ("pk", _key("district_id", "record_id", "track", "voter")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("track", models.TextField()),
                        ("voter", models.TextField()),
                        ("kind", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("commands", django.contrib.postgres.fields.ArrayField(models.UUIDField(), size=None)),
                        ("sealed", models.BinaryField()),
                    ],
                    options={"db_table": "assessments_ballot"},
                ),
                migrations.CreateModel(
                    name="Rating",
                    fields=[
                        ("pk", _key("district_id", "record_id", "voter")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("voter", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("commands", django.contrib.postgres.fields.ArrayField(models.UUIDField(), size=None)),
                        ("sealed", models.BinaryField()),
                    ],
                    options={"db_table": "assessments_rating"},
                ),
                migrations.CreateModel(
                    name="Code",
                    fields=[
                        ("pk", _key("district_id", "record_id", "hash")),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("hash", models.BinaryField()),
                        ("batch", models.IntegerField()),
                        ("made_at", models.DateTimeField()),
                        ("made_by", models.TextField()),
                    ],
                    options={"db_table": "assessments_code"},
                ),
                migrations.CreateModel(
                    name="Look",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("at", models.DateTimeField()),
                        ("person", models.TextField()),
                        ("post", models.TextField()),
                        ("track", models.TextField()),
                        ("ballots", models.IntegerField()),
                        ("sealed", models.BinaryField(null=True)),
                    ],
                    options={"db_table": "assessments_look"},
                ),
            ],
        ),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
