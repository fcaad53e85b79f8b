"""Addresses of rounds and honours."""

from __future__ import annotations

from django.urls import path

from gewu.assessments.kinds import HONOUR, SHOWCASE
from gewu.surfaces.desk.views.rounds import lists, one, voting

_ROUNDS, _HONOURS = {"name": SHOWCASE}, {"name": HONOUR}
patterns = [
    path("rounds", lists.rounds, _ROUNDS, name="rounds"),
    path("rounds/new", lists.new, _ROUNDS, name="round-new"),
    path("rounds/ranks", lists.ranks, name="round-ranks"),
    path("rounds/<uuid:record_id>", one.one, _ROUNDS, name="round"),
    path("rounds/<uuid:record_id>/vote", voting.vote, name="round-vote"),
    path("rounds/<uuid:record_id>/codes", one.codes, name="round-codes"),
    path("rounds/<uuid:record_id>/result.xlsx", one.sheet, name="round-sheet"),
    path("rounds/<uuid:record_id>/recount", voting.recount, name="round-recount"),
    path("rounds/<uuid:record_id>/looks", voting.looks, name="round-looks"),
    path("rounds/<uuid:record_id>/act/<slug:move>", one.act, _ROUNDS, name="round-act"),
    path("honours", lists.rounds, _HONOURS, name="honours"),
    path("honours/new", lists.new, _HONOURS, name="honour-new"),
    path("honours/<uuid:record_id>", one.one, _HONOURS, name="honour"),
    path("honours/<uuid:record_id>/act/<slug:move>", one.act, _HONOURS, name="honour-act"),
]
