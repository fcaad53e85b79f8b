"""Indicators and scores as data: what a definition may say, read from YAML and refused with file and line."""

from gewu.evaluation.definitions.conditions import (
    Condition,
    Entries,
    Other,
    Passed,
    Span,
    Strict,
    Words,
    source_words,
)
from gewu.evaluation.definitions.files import (
    INDICATORS_FILE,
    NOTHING,
    SCORES_FILE,
    Definitions,
    check_scores,
    join,
    read_folder,
    read_indicators,
    read_scores,
)
from gewu.evaluation.definitions.indicators import Indicator, Indicators, Recurrence
from gewu.evaluation.definitions.scores import Formula, FormulaTerm, Grade, Scores, Step

__all__ = [
    "INDICATORS_FILE",
    "NOTHING",
    "SCORES_FILE",
    "Condition",
    "Definitions",
    "Entries",
    "Formula",
    "FormulaTerm",
    "Grade",
    "Indicator",
    "Indicators",
    "Other",
    "Passed",
    "Recurrence",
    "Scores",
    "Span",
    "Step",
    "Strict",
    "Words",
    "check_scores",
    "join",
    "read_folder",
    "read_indicators",
    "read_scores",
    "source_words",
]
