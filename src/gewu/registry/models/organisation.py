"""Roles, units, people, the posts they hold, and the tokens of programs that act for a post."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from gewu.registry.models.base import DatedPackRow, PackRow, code_field, name_field
from gewu.registry.models.territory import District, Place


class Role(PackRow):
    """A function that playbooks name: intake officer, dispatcher, collector."""

    code = code_field(unique=True)
    name_en = name_field()
    name_zh = name_field()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Unit(DatedPackRow):
    """A body that handles work. ``path`` is ``/PARENT/UNIT/`` and is what records keep of units with a part in them."""

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    path = models.CharField(max_length=512, db_collation="C")
    kind = models.CharField(max_length=32)
    name_en = name_field()
    name_zh = name_field()
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT)
    calendar = code_field(blank=True)
    accounts = models.BooleanField(default=True)
    work_phone = models.CharField(max_length=32, blank=True, default="")
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="unit_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class PersonManager(BaseUserManager["Person"]):
    """Makes people; the password is hashed with Django's hashers, and without one nobody can log in."""

    def create_user(
        self,
        login: str,
        password: str | None = None,
        *,
        district: District | None = None,
        name_en: str = "",
        name_zh: str = "",
        is_superuser: bool = False,
    ) -> Person:
        """A new person. Raises ``IntegrityError`` when the login is taken."""
        person = self.model(
            login=login.strip(),
            district=district,
            name_en=name_en or login,
            name_zh=name_zh or name_en or login,
            is_superuser=is_superuser,
        )
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, login: str, password: str | None = None) -> Person:
        """A person who may edit the registry of every district."""
        return self.create_user(login, password, is_superuser=True)


class Person(AbstractBaseUser):
    """Somebody who logs in. What they may do comes from the posts they hold, never from the person.

    ``first_password_until``: the password was handed out by an administrator. Until then it opens the page on which its
    owner chooses another one, and nothing else; afterwards it opens nothing. ``failed_logins`` counts wrong passwords
    since the last right one.
    """

    login = models.CharField(max_length=64, unique=True, db_collation="C")
    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.PROTECT)
    name_en = name_field(blank=True)
    name_zh = name_field(blank=True)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    first_password_until = models.DateTimeField(null=True, blank=True)
    failed_logins = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        ordering = ["login"]

    def __str__(self) -> str:
        return self.login

    def get_full_name(self) -> str:
        """The English name; surfaces choose by language themselves."""
        return self.name_en or self.login

    def get_short_name(self) -> str:
        return self.login

    @property
    def is_staff(self) -> bool:
        """Who may open the administration pages."""
        return self.is_superuser

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Registry editing is for active superusers; everything else is decided by playbooks and scope."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class Post(DatedPackRow):
    """A seat in a unit with one role and a territory. Vacant when nobody holds it.

    ``released`` is the name that may be told to everybody, for one holder only (see ``gewu.registry.contacts``);
    ``successor`` is the post that stands in its place once it has ended.
    """

    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = code_field()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    role = models.ForeignKey(Role, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    name_en = name_field()
    name_zh = name_field()
    scope_prefixes = models.JSONField(default=list)
    scope_areas = models.JSONField(default=list)
    work_phone = models.CharField(max_length=32, blank=True, default="")
    released = models.JSONField(default=dict, blank=True)
    successor = code_field(blank=True, default="")
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="post_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class ApiToken(models.Model):
    """Lets a program act as a post. Only a hash is kept; ``prefix`` is what people see in lists."""

    prefix = code_field(unique=True)
    hash = models.CharField(max_length=64, db_collation="C")
    name = name_field()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    post = models.ForeignKey(Post, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"
