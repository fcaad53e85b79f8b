"""Indexes for questions by time. Open311 asks by the instant of a report and of a change; no other room needs them.

The index on events is filled at its end, because events are only ever added, so that an entry costs little. An index
of block ranges would cost nothing, but a question for the first thousand changes of three months would read them all.
"""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("cases", "0001_initial"), ("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX open311_reported ON cases_case (district_id, reported_at DESC, record_id DESC)",
            "DROP INDEX open311_reported",
        ),
        migrations.RunSQL(
            "CREATE INDEX open311_changed ON ledger_event (district_id, at)",
            "DROP INDEX open311_changed",
        ),
    ]
