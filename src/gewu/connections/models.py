"""Configuration of what leaves the house: few rows, edited by people, kept in every snapshot of the directory."""

from __future__ import annotations

import uuid
from datetime import time

from django.db import models
from django.utils import timezone

from gewu.registry.models import District, Person, Post

NAME_LENGTH = 200


class Version(models.Model):
    """The one row that tells every process to read the connections again."""

    version = models.IntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.version)


class EgressRule(models.Model):
    """An entry of the allow-list, for the whole installation. The environment may hold more."""

    entry = models.CharField(max_length=300, unique=True)
    note = models.CharField(max_length=NAME_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["entry"]

    def __str__(self) -> str:
        return self.entry


class Webhook(models.Model):
    """A system that wants to hear of events. Empty filters mean all; ``secret`` is sealed under a master key.

    ``places`` holds place prefixes and ``area:CODE``. For a while after a rotation ``old_secret`` signs too.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    name = models.CharField(max_length=NAME_LENGTH)
    url = models.CharField(max_length=2000)
    kinds = models.JSONField(default=list)
    moves = models.JSONField(default=list)
    stages = models.JSONField(default=list)
    units = models.JSONField(default=list)
    places = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    ended = models.CharField(max_length=500, blank=True)
    key_id = models.CharField(max_length=40)
    secret = models.BinaryField()
    old_key_id = models.CharField(max_length=40, blank=True)
    old_secret = models.BinaryField(null=True)
    old_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=NAME_LENGTH, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """A way to tell people something outside Gewu. ``secrets`` are sealed under a master key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=NAME_LENGTH)
    active = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    key_id = models.CharField(max_length=40)
    secrets = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Which notices go to whom by a channel, and when: of one person at all their posts, or of one post.

    ``address`` (mail address, telephone number) is sealed. ``messages`` names messages of the playbook, none means all.
    Equal ends of the quiet hours mean that there are none.
    """

    id = models.AutoField(primary_key=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="routes")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE)
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE)
    key_id = models.CharField(max_length=40, blank=True)
    address = models.BinaryField(null=True)
    messages = models.JSONField(default=list)
    digest_minutes = models.IntegerField(default=15)
    quiet_from = models.TimeField(default=time(22, 0))
    quiet_to = models.TimeField(default=time(7, 0))
    urgent_at_once = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="zh")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(post__isnull=True), name="route_of_person_or_post"
            ),
            models.UniqueConstraint(fields=["channel", "person"], name="route_person"),
            models.UniqueConstraint(fields=["channel", "post"], name="route_post"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"
