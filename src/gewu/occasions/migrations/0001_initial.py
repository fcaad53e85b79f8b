"""Occasions: SQL of its own for its composite keys (ADR 0003)."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0001.sql").read_text(encoding="utf-8")


def _key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False)


def _record() -> list[tuple[str, models.Field]]:
    return [("district_id", models.IntegerField()), ("record_id", models.UUIDField())]


def _event() -> list[tuple[str, models.Field]]:
    return [("pk", _key("district_id", "record_id", "seq")), *_record(), ("seq", models.IntegerField())]


def _texts(*names: str) -> list[tuple[str, models.Field]]:
    return [(name, models.TextField()) for name in names]


def _whole(*names: str) -> list[tuple[str, models.Field]]:
    return [(name, models.IntegerField()) for name in names]


_AT = ("at", models.DateTimeField())
_SEALED = ("sealed", models.BinaryField(null=True))


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0001_initial"), ("office", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.CreateModel(
                    name="Occasion",
                    fields=[
                        ("pk", _key("district_id", "record_id")),
                        *_record(),
                        *_texts("type", "number"),
                        *_whole("year", "counter"),
                        ("day", models.DateField()),
                        *_texts("period", "place", "community", "street", "building", "unit", "led_by"),
                        *[
                            (name, models.DateTimeField(null=True))
                            for name in (
                                "starts_at",
                                "ends_at",
                                "opened_at",
                                "adjourned_at",
                                "settled_at",
                                "followed_at",
                                "noticed_at",
                                "closed_at",
                                "cancelled_at",
                                "postponed_at",
                            )
                        ],
                        *_whole(
                            "postponements",
                            "attendance",
                            "matters",
                            "withdrawn",
                            "cases",
                            "joined",
                            "answered",
                            "ended",
                            "answers",
                            "tellings",
                            "matters_open",
                            "cases_open",
                        ),
                        _SEALED,
                    ],
                    options={"db_table": "occasions_occasion"},
                ),
                migrations.CreateModel(
                    name="Matter",
                    fields=[
                        *_event(),
                        *_whole("no", "part"),
                        *_texts("phase", "source", "category", "place", "building"),
                        *_whole("raised"),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_matter"},
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        *_event(),
                        *_whole("part"),
                        *_texts("outcome"),
                        ("case_id", models.UUIDField(null=True)),
                        *_whole("follow"),
                        *_texts("unit"),
                        ("limit_days", models.IntegerField(null=True)),
                        *_texts("tier", "solved"),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_outcome"},
                ),
                migrations.CreateModel(
                    name="Attendance",
                    fields=[
                        *_event(),
                        *_whole("line"),
                        *_texts("level", "unit"),
                        *_whole("heads", "corrects"),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_attendance"},
                ),
                migrations.CreateModel(
                    name="Reply",
                    fields=[*_event(), *_whole("matter"), *_texts("unit"), _AT, _SEALED],
                    options={"db_table": "occasions_reply"},
                ),
                migrations.CreateModel(
                    name="Telling",
                    fields=[
                        *_event(),
                        ("final", models.BooleanField()),
                        ("posted_on", models.DateField()),
                        *_texts("way"),
                        ("heads", models.IntegerField(null=True)),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_telling"},
                ),
                migrations.CreateModel(
                    name="Result",
                    fields=[
                        *_event(),
                        *_texts("unit", "item"),
                        ("quantity", models.BigIntegerField()),
                        *_texts("measure", "place"),
                        *_whole("corrects"),
                        _AT,
                    ],
                    options={"db_table": "occasions_result"},
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        ("pk", _key("district_id", "programme", "member", "period", "step")),
                        ("district_id", models.IntegerField()),
                        *_texts("programme", "member", "period", "step"),
                        _AT,
                    ],
                    options={"db_table": "occasions_reminder"},
                ),
                migrations.CreateModel(
                    name="ProgrammeFile",
                    fields=[
                        ("pack", models.TextField(primary_key=True, serialize=False)),
                        ("body", models.TextField()),
                        ("loaded_at", models.DateTimeField()),
                    ],
                    options={"db_table": "programme_file", "managed": False},
                ),
            ],
        ),
    ]
