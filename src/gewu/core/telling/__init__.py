"""Playbooks for people: told in sentences, drawn as a picture, compared; and why a record stands where it stands.

Pure, like the rest of the core. Names of roles, units and persons come from whoever asks (``speech.Names``).
"""
