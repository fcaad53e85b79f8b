"""Stories: history told by somebody else, written as individual synthetic records through the ordinary commands.

A story is a file of a pack (``packs/*/stories/*.yaml``): how its records are made, and the figures that the district's
own statistics have to compute of them. See docs/stories.md and ADR 0025.
"""
