"""What may never happen over nights, decided once more from what the story itself put into files and into Box.

Nobody twice, nobody lost, nobody removed without proof, nobody of another job, nobody untouchable; exit code 0 for a match
only; a report that balances. Nothing of this asks the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .nights import DELETED_AFTER, JOBS, Feed, Night, Rules, Story, login, mentioned, name_of
from .watch import Request

#: from so many people who wait, and nothing done, a roster may be taken for a damaged one, which is none that was accepted
_WAITS = 3
#: hours for which another job's roster claims whom it names
_CLAIMS_LAST = 14 * 24
#: days after which a last day that was never seen ahead is an old one
_STALE = 31
#: verdicts on a line that say that somebody has to look
_TOLD = ("held", "rejected", "failed", "in_doubt", "skipped", "waiting", "not_attempted")

#: accounts by Box id: login, external_id, name, phone, status
Users = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Line:
    """One line of a reconciliation."""

    line: int
    key: str
    box_id: str
    verdict: str
    outcome: str


@dataclass(frozen=True)
class Seen:
    """What came of a night.

    ``code``: the exit code, None for a process that was killed. ``counted``: whether its roster was carried out, None if nobody
    knows; ``refused``: whether none of it may be. ``sent``: the writes that left. ``lines``: the reconciliation, None without
    one. ``edited``: whom others changed meanwhile. ``looked_up``: the accounts were looked up by key and not listed, so that
    the reconciliation has those alone that its rows led to.
    """

    code: int | None
    counted: bool | None
    sent: Sequence[Request]
    before: Users
    after: Users
    lines: Sequence[Line] | None = None
    edited: frozenset[str] = frozenset()
    refused: bool = False
    looked_up: bool = False


@dataclass(frozen=True)
class _Past:
    """A roster of before. ``counted``: as in Seen; ``fresh``: whether its content may prove anything."""

    hour: float
    today: date
    feed: Feed
    fresh: bool
    counted: bool | None


@dataclass
class Truth:
    """What has been seen so far. ``whose``: accounts by Box id: the number of a person, or the name of who is untouched.

    ``born``: the hours of the nights in which accounts were made, by Box id.
    """

    rules: Rules
    whose: dict[str, int | str]
    past: dict[str, list[_Past]] = field(default_factory=lambda: {job: [] for job in JOBS})
    made: dict[str, set[str]] = field(default_factory=lambda: {job: set() for job in JOBS})
    born: dict[str, float] = field(default_factory=dict)
    excused: int = 0
    removed: int = 0

    def judge(self, night: Night, seen: Seen) -> None:
        """Whether a night was as it may be. Raises AssertionError."""
        today = _day(night)
        fed = [past.feed.content for past in self.past[night.job] if past.counted is not False]
        fresh = night.feed.content not in fed or not (night.old or self.rules.stamped)
        waits = not seen.sent and sum(line.outcome == "held" for line in seen.lines or ()) >= _WAITS
        counted = None if seen.counted and waits else seen.counted
        tonight = _Past(night.hour, today, night.feed, fresh, counted)
        if seen.refused:
            assert not seen.sent, f"a roster that is refused is not carried out: {list(map(str, seen.sent))}"
        self.past[night.job].append(tonight)
        for request in seen.sent:
            self._judge_request(request, night, seen)
        for box_id, user in seen.after.items():
            if box_id not in self.whose:
                self._learn(box_id, user, night.job)
                self.born[box_id] = night.hour
        if seen.lines is not None:
            self._assert_balanced(night, seen.lines, {} if seen.looked_up else seen.after)
        if seen.code == 0:
            self._assert_match(night, seen)
        self._assert_nobody_twice(seen.after)

    def judge_end(self, story: Story, last: Mapping[str, Seen], now: Users, today: date) -> None:
        """After some calm nights: nobody is lost, who left is out, and what is otherwise was told."""
        for who, life in story.lives.items():
            wanted = {job: row for job, row in life.rows.items() if row[0] == "active"}
            known = [user for box_id, user in now.items() if self.whose.get(box_id) == who]
            if any(self._told(who, seen) for seen in last.values()):
                self.excused += 1
                continue
            if (self.rules.chosen and life.guest) or self._disagreed_about(who, wanted, now):
                continue
            current = [job for job, (_, end) in wanted.items() if not end or end >= today.isoformat()]
            if len(current) == len(life.rows) and current:
                assert len(known) == 1, f"{login(who)} is to have one account and has {known}"
                assert known[0]["status"] == "active", f"{login(who)} is locked"
                expected = {"name": name_of(who), "phone": life.cells(current[0], self.rules.kind)[-3]}
                shown = {name: known[0][name] for name in expected}
                assert shown == expected, f"{login(who)} is {shown} and not {expected}"
            elif not life.rows:
                self._assert_out(who, now)

    def _disagreed_about(self, who: int, wanted: Mapping[str, object], now: Users) -> bool:
        """Whether only a partial roster names somebody whose account a full one has, which says by its silence that he left.

        A partial roster claims nobody: one job activates the account and the other locks it, night by night, and each tells it.
        """
        full = [job for job in JOBS if job not in self.rules.partial]
        ids = [box_id for box_id in now if self.whose.get(box_id) == who]
        return not set(wanted) & set(full) and any(self._owned(job, one, who) for job in full for one in ids)

    def _assert_out(self, who: int, now: Users) -> None:
        """Whoever no roster names any more is locked or gone, if one of the jobs had the account."""
        for box_id, user in now.items():
            owned = any(self._owned(job, box_id, who) for job in JOBS if job not in self.rules.partial)
            if self.whose.get(box_id) == who and owned and self.rules.stamped:
                assert user["status"] != "active", f"{login(who)} has left, and is not locked"

    def _told(self, who: int, seen: Seen) -> bool:
        """Whether the last report of a job says that somebody has to look after this person."""
        return any(
            self._person(line) == who and (line.verdict in _TOLD or line.outcome in _TOLD)
            for line in seen.lines or ()
        )

    def _person(self, line: Line) -> int | str | None:
        found = mentioned([line.key])
        return self.whose.get(line.box_id) or (found.pop() if found else None)

    def _assert_balanced(self, night: Night, lines: Sequence[Line], users: Users) -> None:
        """No account and no row is there twice, and none of ``users`` of whom a job may know is left out."""
        what = f"the report of night {night.number}, {night.job},"
        for name in ("box_id", "line"):
            many = Counter(value for line in lines if (value := getattr(line, name)))
            assert not many or max(many.values()) == 1, f"{what} has a {name} twice: {many.most_common(1)}"
        there = {line.box_id for line in lines}
        left_out = {box_id for box_id in users if isinstance(self.whose.get(box_id), int)} - there
        assert not left_out, f"{what} leaves out {left_out}"
        without = night.feed.sound.keys() - {self._person(line) for line in lines}
        assert not without, f"{what} has no line for {without}"

    # --- one request

    def _judge_request(self, request: Request, night: Night, seen: Seen) -> None:
        feed, what = night.feed, f"night {night.number}, {night.job}: {request}"
        if request.verb == "create":
            who = _only(mentioned([request.whom]), what)
            assert who in feed.people, f"{what}: made for somebody who is not in the roster"
            there = [box_id for box_id in seen.before if self.whose.get(box_id) == who]
            assert not there, f"{what}: the person has {there} already"
            assert who not in feed.left_out, f"{what}: the row does not count"
            known = who not in feed.sound or request.whom in feed.sound[who][:2]
            assert known, f"{what}: under another key"
            return
        who = self.whose.get(request.whom)
        assert isinstance(who, int), f"{what}: {who} is nobody that may be written to"
        assert who not in feed.left_out, f"{what}: the row does not count"
        if request.verb == "delete" or request.fields.get("status") == "inactive":
            self.removed += 1
            self._assert_proven(request, who, night, what)
        else:
            assert who in feed.people, f"{what}: {who} is not in the roster"
        if request.fields.get("status") == "active":
            gone = feed.sound.get(who) and feed.says_gone(who, _day(night)) and not feed.sound[who][-1]
            assert not gone, f"{what}: the row says that the person has left"

    def _assert_proven(self, request: Request, who: int, night: Night, what: str) -> None:
        job = night.job
        assert self._owned(job, request.whom, who), f"{what}: {who} was never this job's"
        claims = self._claimed(job, who, request.whom, night)
        assert not claims, f"{what}: {who} is {claims}'s"
        since = self._gone_since(job, who, night)
        assert since is not None, f"{what}: nothing proves that {who} has left"
        if request.verb == "delete" and not self.rules.deletes_at_once:
            known = night.hour - since
            assert known >= DELETED_AFTER, f"{what}: deleted {known} hours after {who} left"

    def _owned(self, job: str, box_id: str, who: int) -> bool:
        """Whether this job made the account, or a roster of it that may count names the person."""
        named = any(who in past.feed.people for past in self._that_count(job))
        return named or box_id in self.made[job]

    def _that_count(self, job: str) -> list[_Past]:
        """The rosters of a job that were carried out, or may have been, and tonight's: it is what is carried out now."""
        *before, tonight = self.past[job]
        return [*(each for each in before if each.counted is not False), tonight]

    def _claimed(self, job: str, who: int, box_id: str, night: Night) -> str:
        """The other job, if its last roster surely names the person as somebody who is there, and it has seen this account."""
        other = JOBS[1 - JOBS.index(job)]
        if other in self.rules.partial or job in self.rules.partial:
            return ""
        counted = [past for past in self.past[other] if past.counted is not False]
        if not counted or counted[-1].counted is None or night.hour - counted[-1].hour > _CLAIMS_LAST:
            return ""
        if self.born.get(box_id, 0) > counted[-1].hour:
            return ""
        return other if counted[-1].feed.says_here(who, _day(night)) else ""

    def _perhaps_claimed(self, job: str, who: int) -> bool:
        """Whether a roster of the other job has named the person, in whatever row: then that one looks after the leaver."""
        counted = [past for past in self.past[JOBS[1 - JOBS.index(job)]] if past.counted is not False]
        return any(who in past.feed.people for past in counted)

    def _gone_since(self, job: str, who: int, night: Night) -> float | None:
        """The first hour from which this person may be known to have left, None if nothing proves it."""
        today, past = _day(night), self._that_count(job)
        if who in night.feed.people:
            return self._said_gone_since(past, who, night) if night.feed.says_gone(who, today) else None
        if job in self.rules.partial:
            return None
        hours: list[float] = []
        absent = None
        for each in reversed(past):
            if who in each.feed.sound:
                break
            absent = each.hour
            if who not in each.feed.people and each.fresh:
                hours.append(each.hour)
        apart = _apart(sorted(hours), self.rules.absent_hours)
        return absent if apart >= self.rules.absent_runs else None

    def _said_gone_since(self, past: list[_Past], who: int, night: Night) -> float | None:
        """By a row that says so: the last day, or the first roster in a row that said it."""
        today = _day(night)
        days = [date.fromisoformat(day) for day in night.feed.gone[who] if day and day < today.isoformat()]
        if who in night.feed.sound and night.feed.sound[who][-2] == "active" and days:
            old = (today - min(days)).days > _STALE
            seen = [each for each in past[:-1] if who in each.feed.people and each.today < today]
            if old and not seen:
                return None
        said = [
            each.hour for each in past if each.feed.says_gone(who, each.today) or who not in each.feed.people
        ]
        ends = [night.hour - 24 * ((today - day).days - 1) for day in days]
        return min([*ends, *said, night.hour])

    # --- at the end of a night

    def _learn(self, box_id: str, user: Mapping[str, str], job: str) -> None:
        self.whose[box_id] = _only(mentioned([user["external_id"] or user["login"]]), f"account {box_id}")
        self.made[job].add(box_id)

    def _assert_match(self, night: Night, seen: Seen) -> None:
        """Exit code 0: everybody whose row is sound is there as it says, once."""
        what, today = f"night {night.number}, {night.job}: exit code 0", _day(night)
        told = [line for line in seen.lines or () if line.verdict in _TOLD or line.outcome in _TOLD]
        assert not told, f"{what}, and the report says {told}"
        for who, row in night.feed.sound.items():
            ids = [box_id for box_id in seen.after if self.whose.get(box_id) == who]
            if seen.edited & set(ids):
                continue
            if night.feed.says_here(who, today):
                assert len(ids) == 1, f"{what}, and {login(who)} has {len(ids)} accounts"
                user = seen.after[ids[0]]
                shown = (user["name"], user["phone"], user["status"])
                key = (user["login"], *shown) if self.rules.kind == "managed" else shown
                assert key == row[-len(key) - 1 : -1], f"{what}, and {login(who)} is {shown} and not {row}"
            elif row[-2] != "active" and not self._perhaps_claimed(night.job, who):
                left = [box_id for box_id in ids if seen.after[box_id]["status"] == "active"]
                assert not left, f"{what}, and {login(who)} has not been locked: {row}"

    def _assert_nobody_twice(self, users: Users) -> None:
        many = Counter(who for box_id in users if isinstance(who := self.whose.get(box_id), int))
        twice = {who: n for who, n in many.items() if n > 1}
        assert not twice, f"there twice: {twice}"


def _day(night: Night) -> date:
    return night.at.date()


def _only(found: set[int], what: str) -> int:
    assert len(found) == 1, f"{what} is nobody's: {found}"
    return next(iter(found))


def _apart(hours: list[float], least: float) -> int:
    """How many of these hours lie so far apart, each counted from the last one that counts."""
    counted: list[float] = []
    for hour in hours:
        if not counted or hour - counted[-1] >= least:
            counted.append(hour)
    return len(counted)


def tomorrow(night: Night) -> date:
    """The day after a night."""
    return _day(night) + timedelta(days=1)
