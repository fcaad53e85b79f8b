"""Addresses that open what a paper speaks of. A paper leaves the house, so they are absolute, or there are none.

The base is `GEWU_PUBLIC_URL`; without it, the address at which somebody asked for the paper, which is one of the hosts
that this installation answers to. A command has neither. The desk's pages are asked for by name: where this
installation has no desk, or the desk lacks a page, numbers simply have no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from gewu.evaluation.api import Period

FIGURE_PAGE = "desk:figure-records"


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below `base`; none when it is empty."""

    base: str = ""

    def case(self, number: str) -> str:
        """The page of a case."""
        return self._page("desk:case", (number,))

    def figure(self, indicator: str, part: str, by: str, group: str, period: Period, as_of: int) -> str:
        """The page that lists the records behind a figure."""
        query = {"indicator": indicator, "part": part, "by": by, "group": group, "period": period.code}
        return self._page(FIGURE_PAGE, (), {**query, "as_of": str(as_of)})

    def page(self, name: str, *args: str, **query: str) -> str:
        """Any page of the desk by its name, `desk:...`."""
        return self._page(name, args, query)

    def _page(self, name: str, args: tuple[str, ...], query: dict[str, str] | None = None) -> str:
        if not self.base:
            return ""
        try:
            path = reverse(name, args=args)
        except NoReverseMatch:
            return ""
        return f"{self.base}{path}{f'?{urlencode(query)}' if query else ''}"


def public_links(asked_at: str = "") -> Links:
    """Links below the address under which people reach this installation, else below the one that was asked.

    ``asked_at`` is scheme and host of a request whose host was checked; empty where nobody asked over HTTP.
    """
    return Links(settings.PUBLIC_URL or asked_at.rstrip("/"))
