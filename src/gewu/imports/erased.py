"""What imports forget when a case is erased: even the keyed hash by which its words could be compared."""

from __future__ import annotations

from django.db import connection

from gewu.ledger.erasure import Erasing


def forget(erasing: Erasing) -> None:
    """Empty the digests of the erased case's items. Runs in the transaction of the erasing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_item SET digest = '' WHERE district_id = %s AND record_id = %s",
            [erasing.district_id, erasing.record_id],
        )
