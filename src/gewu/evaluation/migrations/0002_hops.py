"""Hops between the centres of streets and of the district, as facts."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField("Fact", "lifted_at", models.BigIntegerField(null=True)),
                migrations.AddField("Fact", "landed_at", models.BigIntegerField(null=True)),
                migrations.AddField("Fact", "hops", models.IntegerField(default=0)),
            ],
        ),
    ]
