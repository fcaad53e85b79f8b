"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registry tables are reference tables: small, with ordinary foreign keys, and editable."""

    name = "gewu.registry"
    label = "registry"
    verbose_name = "Registry"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        """Let packs carry the kinds of devices, the files of the notice boards, stations and the base map."""
        from gewu.registry.basemaps import base_map_files
        from gewu.registry.devicekinds import kind_files
        from gewu.registry.duties import BoardFiles
        from gewu.registry.packs.extras import register_extra
        from gewu.registry.stations import StationFile

        register_extra(base_map_files())
        register_extra(kind_files())
        register_extra(BoardFiles())
        register_extra(StationFile())
