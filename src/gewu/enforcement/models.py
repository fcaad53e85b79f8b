"""Items of enforcement, who holds them by the pack, and what acts moved since. Reference tables, as the registry's."""

from __future__ import annotations

from django.db import models

from gewu.registry.models import District, Reform
from gewu.registry.models.base import DatedPackRow, PackRow, code_field, name_field


class Item(PackRow):
    """One thing that may be ordered or fined, with its basis in law as text. ``field`` is the field it comes from."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    field = code_field()
    field_name_en = name_field(blank=True)
    field_name_zh = name_field(blank=True)
    name_en = name_field()
    name_zh = name_field()
    basis = models.TextField(blank=True)
    order = models.TextField(blank=True)
    fine_individual = models.TextField(blank=True)
    fine_unit = models.TextField(blank=True)
    measure = models.TextField(blank=True)
    synthetic = models.BooleanField(default=False)
    source = models.TextField(blank=True)

    class Meta:
        db_table = "enforcement_item"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="item_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en

    def field_name(self, language: str) -> str:
        """What the field is called; its code where the pack gives no name."""
        return (self.field_name_zh if language.startswith("zh") else self.field_name_en) or self.field


class Holding(DatedPackRow):
    """Which unit holds an item from one day to another, as the pack says; ``act`` is the number of the act if known."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    item = code_field()
    unit = code_field()
    act = models.CharField(max_length=64, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        db_table = "enforcement_holding"
        ordering = ["item", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "item", "unit", "valid_from"], name="holding_key", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.unit}"


class Transfer(models.Model):
    """From ``valid_from`` on an item is held by ``new`` and no longer by ``old``, to ``valid_to`` when taken back."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    reform = models.ForeignKey(Reform, on_delete=models.PROTECT, related_name="transfers")
    item = code_field()
    old = code_field()
    new = code_field()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "enforcement_transfer"
        ordering = ["valid_from", "id"]
        indexes = [models.Index(fields=["district", "item"], name="transfer_item")]

    def __str__(self) -> str:
        return f"{self.item}: {self.old} > {self.new}"
