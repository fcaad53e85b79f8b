"""The language in which a district writes down how it works, its loader and its checker."""

from gewu.core.playbook.compile import load_playbook
from gewu.core.playbook.lines import PlaybookError, Problem, read_yaml
from gewu.core.playbook.model import Playbook

__all__ = ["Playbook", "PlaybookError", "Problem", "load_playbook", "read_yaml"]
