"""Joint meetings: cases on the table, what was referred from a level below, due dates of decisions."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0004.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("occasions", "0003_works")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField("Matter", "case_id", models.UUIDField(null=True)),
                migrations.AddField("Matter", "origin_id", models.UUIDField(null=True)),
                migrations.AddField("Matter", "origin_part", models.IntegerField()),
                migrations.AddField("Outcome", "due_on", models.DateField(null=True)),
            ],
        ),
    ]
