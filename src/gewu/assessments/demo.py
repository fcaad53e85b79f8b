"""Clearly synthetic rounds of the demonstration district: three published quarters and one that is at voting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from gewu.assessments import ballots, services
from gewu.assessments import kinds as k
from gewu.assessments.lookups import stands
from gewu.assessments.queries.points import points_of
from gewu.assessments.services import Filled
from gewu.cases.demo.chance import seeded
from gewu.cases.demo.pictures import VARIANTS, picture
from gewu.cases.services import acting_of
from gewu.core.records import Arg, Photo
from gewu.ledger import attachments
from gewu.ledger.door import Acting
from gewu.ledger.expiring import expire_due
from gewu.ledger.rows import moment_us
from gewu.registry.directory import Directory, get_directory
from gewu.registry.models import Post
from gewu.registry.people import actor_for

MOST = 11
_DAY = 86_400_000_000
_NAMES = ("小游园提质（示例）", "楼栋立面整修（示例）", "停车秩序整治（示例）", "便民服务点（示例）", "文化墙（示例）")
_DEEDS = (
    ("advert_clearing", "place"),
    ("road_repair", "square_metre"),
    ("greening", "square_metre"),
    ("facility", "place"),
)


class Play:
    """The posts of a district that take part in rounds."""

    def __init__(self, directory: Directory, now_us: int) -> None:
        self.directory, self.district_id, self.now_us = directory, directory.district.id, now_us
        self.zone = ZoneInfo(directory.district.timezone)
        held = sorted({p.unit for p in directory.holders(k.CLERK) if p.person is not None})
        units = [u for u in (directory.units[code] for code in held) if u.active and u.accounts]
        top = {u.code for u in directory.units.values() if not u.parent}
        streets = [u for u in units if len(u.place) == 9 and u.parent in top]
        self.streets = [u.code for u in sorted(streets, key=lambda u: u.place)][:MOST]
        paths = [directory.units[p.unit].path for p in directory.posts.values() if p.active]
        size = {u.code: sum(path.startswith(u.path) for path in paths) for u in units}
        departments = [u.code for u in units if u.place == directory.district.code and u.parent in top]
        self.departments = sorted(departments, key=lambda code: (-size[code], code))[:MOST]
        self.office = self.who("comprehensive_office", "")
        self.clerks = {unit: self.who(k.CLERK, unit) for unit in (*self.streets, *self.departments)}

    def who(self, role: str, unit: str) -> Acting:
        """Somebody at a post of this role (and unit). Raises ``LookupError``."""
        posts = [p for p in self.directory.holders(role) if p.person is not None and (not unit or p.unit == unit)]
        if not posts:
            raise LookupError(f"nobody holds the role {role}")
        code = sorted(p.code for p in posts)[0]
        return acting_of(actor_for(Post.objects.get(district_id=self.district_id, code=code)))

    def day(self, at_us: int) -> date:
        """The day of an instant in the district."""
        return datetime.fromtimestamp(at_us // 1_000_000, self.zone).date()

    def photo(self, who: Acting, role: str, number: int) -> Photo:
        """A generated picture of this actor."""
        drawn = picture("street", role, number % VARIANTS)
        return Photo(str(attachments.stage(self.district_id, drawn.data, who.actor.person, role).id), role)


class Round:
    """One round being played. ``at`` is the instant of the story; ``points`` are the street and track of each that is
    nominated, without them one of every street in every track."""

    def __init__(
        self, play: Play, period: str, start_us: int, seed: int, points: Sequence[tuple[str, str]] | None = None,
        command_id: str = "",
    ) -> None:  # fmt: skip
        self.points = points
        self.play, self.at, self.rng = play, start_us, seeded(seed)
        today = play.day(start_us)
        plan: dict[str, Arg] = {
            "period": period, "streets": tuple(play.streets), "departments": tuple(play.departments), "quorum": 50,
        }  # fmt: skip
        for name, days in (("nominate_by", 12), ("build_by", 45), ("tour_on", 48), ("vote_by", 60)):
            plan[name] = (today + timedelta(days=days)).isoformat()
        texts = {"plan": "示例方案：亮社区服务、亮社区美景。数据均为虚构。"}
        made = services.announce(
            play.district_id, play.office, Filled(plan, texts, command_id=command_id), at_us=start_us
        )
        self.record_id: UUID = made.outcome.record_id

    def later(self, days: float) -> None:
        """Some days pass."""
        self.at += int(days * _DAY)

    def move(
        self, who: Acting, name: str, args: dict[str, Arg] | None = None, texts: dict[str, str] | None = None,
        photos: tuple[Photo, ...] = (),
    ) -> int:  # fmt: skip
        """Make a move; the number of its event."""
        district_id = self.play.district_id
        version = stands(district_id, who, self.record_id).version
        outcome = services.act(
            district_id,
            who,
            self.record_id,
            name,
            args=args,
            texts=texts,
            photos=photos,
            version=version,
            at_us=self.at,
        )
        return outcome.seq

    def to_voting(self) -> None:
        """From the announcement to the opening of the voting."""
        play, rng = self.play, self.rng
        self.later(3)
        for unit in play.departments[:4]:
            item, measure = rng.choice(_DEEDS)
            args: dict[str, Arg] = {
                "item": item, "measure": measure, "quantity": rng.randint(3, 90), "street": rng.choice(play.streets),
                "day": play.day(self.at).isoformat(),
            }  # fmt: skip
            self.move(play.clerks[unit], "record_service", args, {"note": "示例数据"})
        tracks = k.tracks(services.playbook_of(play.directory, k.SHOWCASE))
        points = [(unit, track) for unit in play.streets for track in tracks] if self.points is None else self.points
        for n, (unit, track) in enumerate(points):
            who = play.clerks[unit]
            place = sorted(p.code for p in play.directory.places_in(play.directory.units[unit].place))[0]
            texts = {"title": _NAMES[n // 2 % len(_NAMES)], "words": "示例：发动居民参与，改善环境。"}
            photos = tuple(play.photo(who, role, n) for role in ("before", "after"))
            self.move(who, "nominate", {"track": track, "place": place}, texts, photos)
        self.later(7)
        self.move(play.office, "open_building")
        self.later(20)
        self.move(play.office, "open_tour", {"tour_on": play.day(self.at + 2 * _DAY).isoformat()})
        self.later(2)
        args = {"day": play.day(self.at).isoformat(), "party_delegates": 6, "congress_deputies": 5, "cppcc_members": 4}
        self.move(play.office, "record_tour", args, {"led_by": "区分管领导（示例）"})
        self.move(play.office, "open_voting", {"vote_by": play.day(self.at + 6 * _DAY).isoformat()})

    def vote(self, units: list[str]) -> None:
        """These units vote, and the streets among them rate; the largest department is liked best."""
        play, rng = self.play, self.rng
        ground = ballots.ground(play.district_id, self.record_id)
        for unit in units:
            who, at = play.clerks[unit], moment_us(self.at)
            for track in ground.tracks:
                able = [no for no, own in ground.of_track(track).items() if own != unit]
                places = {no: min(i // 2 + 1 + rng.randint(0, 2), 9) for i, no in enumerate(able)}
                ballots.cast(play.district_id, self.record_id, who, track, places, at=at)
            if unit in play.streets:
                marks = {
                    code: (5, 5) if not i else (rng.randint(3, 5), rng.randint(2, 5) if rng.random() < 0.9 else None)
                    for i, code in enumerate(play.departments)
                }
                ballots.rate(play.district_id, self.record_id, who, marks, at=at)

    def to_published(self) -> None:
        """Everybody votes; counted, settled, published, photos released."""
        play = self.play
        self.vote([*play.streets, *play.departments])
        self.later(3)
        version = stands(play.district_id, play.office, self.record_id).version
        services.close_and_count(play.district_id, play.office, self.record_id, version=version, at_us=self.at)
        self.later(9)
        expire_due(play.district_id, [self.record_id], self.at)
        for point in points_of(play.district_id, self.record_id):
            for shown in point.photos:
                self.move(play.office, "release_photo", {"photo": str(shown.id), "looked": True})
        self.move(play.office, "publish")


def run(district_id: int, now: int) -> int:
    """Play the rounds of the year before an instant; how many were made. Nothing is done where there are some."""
    play = Play(get_directory(district_id), now * 1_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM assessments_round WHERE district_id = %s AND year >= %s LIMIT 1",
            [district_id, play.day(play.now_us).year - 1],
        )
        if cursor.fetchone() is not None:
            return 0
    if len(play.streets) < 3 or len(play.departments) < 2:
        return 0
    today = play.day(play.now_us)
    year, quarter = today.year, (today.month + 2) // 3
    for back in (3, 2, 1, 0):
        index = year * 4 + quarter - 1 - back
        period = f"{index // 4}Q{index % 4 + 1}"
        one = Round(play, period, play.now_us - (33 + 91 * back) * _DAY, index)
        one.to_voting()
        if back:
            one.to_published()
        else:
            one.vote([*play.streets[:7], *play.departments[:5]])
    return 4
