from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0003_devices"),
    ]

    operations = [
        migrations.AddField(
            model_name="district",
            name="synthetic",
            field=models.BooleanField(default=False),
        ),
    ]
