import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_base_maps"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="first_password_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(model_name="person", name="failed_logins", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="person", name="failed_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(db_collation="C", max_length=64)),
                ("verb", models.CharField(db_collation="C", max_length=64)),
                ("table", models.CharField(db_collation="C", max_length=64)),
                ("key", models.CharField(db_collation="C", max_length=200)),
                ("field", models.CharField(blank=True, db_collation="C", default="", max_length=64)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("day", models.DateField()),
                ("reason", models.TextField(blank=True)),
                ("made_post", models.CharField(blank=True, db_collation="C", default="", max_length=64)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("state", models.CharField(default="done", max_length=16)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True, default="")),
                ("district", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="registry.district")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["district", "table", "key"], name="change_of_row"),
                    models.Index(fields=["district", "state", "day"], name="change_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("duty", models.CharField(blank=True, default="", max_length=200)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("district", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="registry.district")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="registry.unit"
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
                "indexes": [models.Index(fields=["district", "ends_at"], name="shift_district")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="shift_ends_later"
                    )
                ],
            },
        ),
    ]
