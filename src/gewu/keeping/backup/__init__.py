"""Backups while the service runs, and restores that prove themselves."""

from gewu.keeping.backup.make import Made, make_backup
from gewu.keeping.backup.restore import Restored, restore_backup

__all__ = ["Made", "Restored", "make_backup", "restore_backup"]
