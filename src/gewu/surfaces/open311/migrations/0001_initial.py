"""Indexes for questions by time. Open311 asks by the instant of a report and of a change; no other room needs them.

The index on events is of the kind that keeps one entry for a range of blocks: events are only ever added, so they
lie in the order of their instants, and adding one costs next to nothing.
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
            "CREATE INDEX open311_changed ON ledger_event USING brin (district_id, at) WITH (autosummarize = on)",
            "DROP INDEX open311_changed",
        ),
    ]
