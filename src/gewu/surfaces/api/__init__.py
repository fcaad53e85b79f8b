"""REST under ``/api/v1``: the same commands and questions as the pages, for programs and scripts. See docs/api.md."""
