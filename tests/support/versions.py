"""New versions of playbooks in the registry of a test, as a load leaves them: the old one retired, the new in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import transaction

from gewu.core.playbook import Playbook
from gewu.registry import models as m
from gewu.registry import versions
from gewu.registry.directory import refresh
from gewu.registry.packs.playbooks import compile_playbook
from support.district import directory


@contextmanager
def registry_restored() -> Iterator[None]:
    """Take new versions away again at the end, so that other tests find the playbooks as they were."""
    before = dict(m.Playbook.objects.values_list("pk", "retired_on"))
    try:
        yield
    finally:
        with transaction.atomic():
            m.Playbook.objects.exclude(pk__in=before).delete()
            for pk, day in before.items():
                m.Playbook.objects.filter(pk=pk).exclude(retired_on=day).update(retired_on=day)
            versions.bump()
        refresh()


def new_version(name: str, *changes: tuple[str, str]) -> Playbook:
    """Put the next version of a playbook in force, with each change made to its text. Within ``registry_restored``."""
    row = m.Playbook.objects.filter(name=name, retired_on=None).latest("version")
    text = row.text.replace(f"\nversion: {row.version}\n", f"\nversion: {row.version + 1}\n")
    assert text != row.text
    for old, new in changes:
        assert text.count(old) >= 1, f"{old!r} does not stand in {name}"
        text = text.replace(old, new)
    bases = dict(row.bases)
    playbook = compile_playbook(text, row.file, tuple(sorted(bases.items())))
    with transaction.atomic():
        m.Playbook.objects.filter(pk=row.pk).update(retired_on=datetime.now(UTC).date())
        m.Playbook.objects.create(
            pack=row.pack, district=row.district, name=name, version=row.version + 1, kind=row.kind,
            title_en=row.title_en, title_zh=row.title_zh, file=row.file, text=text, bases=bases, sha256=f"test{row.pk}",
        )  # fmt: skip
        versions.bump()
    refresh()
    current = directory().playbook(name)
    assert current is not None
    assert current.version == row.version + 1 == playbook.version
    return current
