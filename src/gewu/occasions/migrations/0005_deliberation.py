"""Votes, what came of resolutions, the residents' judgement; strand and kind of an activity."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0005.sql").read_text(encoding="utf-8")


def _whole(model: str, *names: str) -> list[migrations.AddField]:
    return [migrations.AddField(model, name, models.IntegerField(null=True)) for name in names]


def _texts(model: str, *names: str) -> list[migrations.AddField]:
    return [migrations.AddField(model, name, models.TextField()) for name in names]


class Migration(migrations.Migration):
    dependencies = [("occasions", "0004_meetings")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                *_texts("Occasion", "strand", "activity"),
                migrations.AddField("Occasion", "reached", models.IntegerField()),
                *_texts("Matter", "topic", "kind"),
                *_whole("Outcome", "present", "stakeholders", "votes_for", "votes_against", "votes_abstained"),
                *_texts("Outcome", "executor"),
                migrations.AddField("Outcome", "until", models.DateField(null=True)),
                migrations.AddField("Outcome", "done_on", models.DateField(null=True)),
                *_whole("Telling", "days"),
                migrations.CreateModel(
                    name="Evaluation",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "district_id", "record_id", "seq",
                                blank=True, editable=False, primary_key=True, serialize=False,
                            ),
                        ),
                        ("district_id", models.IntegerField()),
                        ("record_id", models.UUIDField()),
                        ("seq", models.IntegerField()),
                        ("evaluated_on", models.DateField()),
                        ("asked", models.IntegerField()),
                        ("satisfied", models.IntegerField()),
                        ("dissatisfied", models.IntegerField()),
                        ("at", models.DateTimeField()),
                        ("sealed", models.BinaryField(null=True)),
                    ],
                    options={"db_table": "occasions_evaluation"},
                ),
            ],
        ),
    ]  # fmt: skip
