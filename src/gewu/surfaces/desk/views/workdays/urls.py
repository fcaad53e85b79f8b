"""Addresses of the workdays."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.desk.views.workdays import (
    duties,
    lists,
    making,
    month,
    results,
    session,
    sheets,
    strands,
    table,
    works,
)

patterns = [
    path("duties", duties.duties, name="duties"),
    path("results", results.results, name="results"),
    path("results/sheet", results.sheet, name="results-sheet"),
    path("estates", works.overview, name="estates"),
    path("estates/list", works.listed, name="estate-list"),
    path("estates/lines", works.lines, name="estate-lines"),
    path("strands", strands.overview, name="strands"),
    path("workdays", month.month, name="workdays"),
    path("workdays/sessions", lists.sessions, name="workday-sessions"),
    path("workdays/matters", lists.matters, name="workday-matters"),
    path("workdays/sheet", sheets.listed, name="workday-sheet"),
    path("workdays/new", making.new, name="workday-new"),
    path("workdays/<uuid:record_id>", session.session, name="workday"),
    path("workdays/<uuid:record_id>/papers/<slug:which>", sheets.paper, name="workday-paper"),
    path("workdays/<uuid:record_id>/matters/<int:no>/case", table.settle, name="workday-settle"),
    path("workdays/<uuid:record_id>/<slug:move>", session.act, name="workday-act"),
]
