"""Backups, restoring, retention, revealed identities, published seals."""
