import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_notice_boards"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("device", models.CharField(blank=True, max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "registry_session", "ordering": ["-used_at"]},
        ),
        # However a session ends (logout, sweep, retention, an administrator), what is remembered of it goes with it.
        migrations.RunSQL(
            "ALTER TABLE registry_session ADD CONSTRAINT registry_session_of FOREIGN KEY (session_key)"
            " REFERENCES django_session (session_key) ON DELETE CASCADE",
            "ALTER TABLE registry_session DROP CONSTRAINT registry_session_of",
        ),
    ]
