"""Registry tables. All are reference tables: integer keys, ordinary foreign keys, editable."""

from gewu.registry.models.administration import Change, Shift
from gewu.registry.models.catalogue import Category, Owner, Playbook, ResponsibilityRule, Standard
from gewu.registry.models.community import Building, Organisation, Pairing
from gewu.registry.models.devices import Device, DeviceKindFile
from gewu.registry.models.loads import BoardFile, Override, PackLoad, RegistryVersion
from gewu.registry.models.logins import PersonSession, RecoveryCode, SecondFactor
from gewu.registry.models.organisation import ApiToken, Person, PersonManager, Post, Role, Unit
from gewu.registry.models.reform import Reform, Succession
from gewu.registry.models.territory import Area, BaseMapFile, District, Place
from gewu.registry.models.working_time import CalendarDay, CalendarSpec, HolidayYear

__all__ = [
    "ApiToken",
    "Area",
    "BaseMapFile",
    "BoardFile",
    "Building",
    "CalendarDay",
    "CalendarSpec",
    "Category",
    "Change",
    "Device",
    "DeviceKindFile",
    "District",
    "HolidayYear",
    "Organisation",
    "Override",
    "Owner",
    "PackLoad",
    "Pairing",
    "Person",
    "PersonManager",
    "PersonSession",
    "Place",
    "Playbook",
    "Post",
    "RecoveryCode",
    "Reform",
    "RegistryVersion",
    "ResponsibilityRule",
    "Role",
    "SecondFactor",
    "Shift",
    "Standard",
    "Succession",
    "Unit",
]
