"""The audit pack of a meeting, recounted: every vote from its ballots and its roll, by the rules alone, against what was recorded.

A pack is plain JSON (format `khonggiay-meeting-pack/1`), so anybody can read it without this program.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from domain.meetings.minutes import ANSWERS, VoteResult, entered_in_words, manner_in_words, verdict_in_words
from domain.meetings.voting import (
    Entered,
    Frozen,
    MajorityBase,
    Means,
    Tally,
    Threshold,
    Verdict,
    VoteKind,
    VoteState,
    ballot_form,
    decide,
    outcome,
    tally,
)

FORMAT = "khonggiay-meeting-pack/1"
Json = Any


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that is recorded otherwise than it is counted; `place` leads to it in the pack."""

    place: str
    recorded: Json
    counted: Json


@dataclass(frozen=True, slots=True)
class Recount:
    """What a vote comes to when it is counted again; no tally for one that was not published."""

    vote: int
    question: str
    is_secret: bool
    tally: Tally | None
    verdict: Verdict | None
    disagreements: tuple[Disagreement, ...]
    in_words: str = ""  # how it was voted, the counts, and the verdict as the minutes say it


def recount(pack: Mapping[str, Json]) -> Iterator[Recount]:
    """Every vote of the pack, counted again."""
    for number, vote in enumerate(pack["votes"]):
        yield _recount(vote, f"votes[{number}]")


def minutes_disagree(pack: Mapping[str, Json]) -> list[Disagreement]:
    """Minutes whose text does not have the hash that they were locked by."""
    found = []
    for number, one in enumerate(pack["minutes"]):
        counted = hashlib.sha256(one["text"].encode()).hexdigest()
        if one["sha256"] is not None and counted != one["sha256"]:
            found.append(Disagreement(f"minutes[{number}].sha256", one["sha256"], counted))
    return found


def _recount(vote: Mapping[str, Json], place: str) -> Recount:
    if vote["state"] != VoteState.PUBLISHED:
        return Recount(vote["id"], vote["question"], vote["is_secret"], None, None, ())
    kind = VoteKind(vote["kind"])
    form = ballot_form(kind, [option["key"] for option in vote["options"]], seats=vote["seats"])
    ballots = [ballot["choice"] for ballot in vote["ballots"]]
    counted = tally(form, ballots)
    given = [line for line in vote["roll"] if line["on_paper"] or (vote["means"] == "paper" and line["was_present"])]
    paper = _paper(vote["paper_counts"]) if given else None
    counted = counted + paper if paper else counted
    verdict = decide(kind, counted, _threshold(vote["threshold"]), _frozen(vote), seats=vote["seats"])
    differ = [
        *_facts(vote, place, ballots=len(ballots), given=len(given), paper=paper),
        *_differ(f"{place}.tally", vote["tally"], tally_as_json(counted)),
        *_differ(f"{place}.verdict", vote["verdict"], verdict_as_json(verdict)),
    ]
    entered = _entered(vote, paper)
    if entered:
        differ += _differ(f"{place}.entered", vote["entered"], entered_as_json(entered))
    words = _in_words(vote, kind, counted, verdict, entered)
    return Recount(vote["id"], vote["question"], vote["is_secret"], counted, verdict, tuple(differ), words)


def _entered(vote: Mapping[str, Json], paper: Tally | None) -> Entered | None:
    """By whom the ballots came in; None in a pack of before, which does not tell a hand from a device."""
    if "entered" not in vote:
        return None
    noted = Counter(ballot["noted_by"] for ballot in vote["ballots"] if ballot.get("noted_by"))
    own = len(vote["ballots"]) - noted.total()
    return Entered(own, tuple(sorted(noted.items())), paper.collected if paper else 0)


def _in_words(vote: Mapping[str, Json], kind: VoteKind, counted: Tally, verdict: Verdict, entered: Entered | None) -> str:
    texts = {key.value: said for key, said in ANSWERS.items()} | {option["key"]: option["text"] for option in vote["options"]}
    counts = ", ".join(f"{texts[key]} {n}" for key, n in counted.counts.items())
    manner = manner_in_words(kind, Means(vote["means"]), is_secret=vote["is_secret"])
    opened_at = datetime.fromisoformat(vote["opened_at"])
    result = VoteResult(
        at=opened_at, closed_at=None, title=vote["question"], manner=manner, members=vote["frozen"]["members"],
        present=vote["frozen"]["present"], collected=counted.collected, invalid=counted.invalid,
        outcome=outcome(kind, verdict), got=verdict.got, needed=verdict.needed, of=verdict.of, seats=vote["seats"],
        share=verdict.threshold.share, is_more_than=verdict.threshold.is_more_than, base=verdict.threshold.base,
        source=vote["source"], chosen=tuple((texts[key], counted.of(key)) for key in verdict.chosen),
        tied=tuple((texts[key], counted.of(key)) for key in verdict.tied),
    )  # fmt: skip
    by = f" ({entered_in_words(entered)})" if entered and not entered.is_all_own else ""
    return f"{manner}; {counts}; thu về {counted.collected}{by}; {verdict_in_words(result)}"


def _facts(vote: Mapping[str, Json], place: str, *, ballots: int, given: int, paper: Tally | None) -> Iterator[Disagreement]:
    """What the roll says against what was frozen and what was cast."""
    roll = vote["roll"]
    voted = sum(line["voted"] for line in roll)
    if ballots != voted:
        yield Disagreement(f"{place}.ballots", ballots, voted)
    present = sum(line["was_present"] for line in roll)
    if present != vote["frozen"]["present"]:
        yield Disagreement(f"{place}.frozen.present", vote["frozen"]["present"], present)
    if given and paper is None:
        yield Disagreement(f"{place}.paper_counts", None, "two equal counts")
    if not vote["is_secret"]:
        unmarked = {line["participant"] for line in roll if line["voted"]} ^ {one["participant"] for one in vote["ballots"]}
        for participant in sorted(unmarked):
            yield Disagreement(f"{place}.roll", participant, "voter and ballot do not meet")


def _paper(counts: Sequence[Mapping[str, Json]]) -> Tally | None:
    """The paper ballots as the last two people counted them alike, or None."""
    tallies = [Tally(one["counts"], one["collected"], one["invalid"]) for one in counts[-2:]]
    agree = len(tallies) == 2 and tallies[0] == tallies[1] and counts[-2]["by"] != counts[-1]["by"]
    return tallies[0] if agree else None


def _threshold(rule: Mapping[str, Json]) -> Threshold:
    return Threshold(Fraction(rule["share"]), rule["is_more_than"], MajorityBase(rule["base"]))


def _frozen(vote: Mapping[str, Json]) -> Frozen:
    """What was fixed at the opening; who came late and voted counts among those present."""
    roll, frozen = vote["roll"], vote["frozen"]
    present = sum(line["was_present"] for line in roll)
    late = sum((line["voted"] or line["on_paper"]) and not line["was_present"] for line in roll)
    return Frozen(frozen["members"], present + late, present >= frozen["quorum_needed"])


def tally_as_json(counted: Tally) -> dict[str, Json]:
    """A tally as it stands in a pack."""
    return {"counts": dict(counted.counts), "collected": counted.collected, "invalid": counted.invalid}


def entered_as_json(entered: Entered) -> dict[str, Json]:
    """By whom ballots came in, as it stands in a pack."""
    return {"own": entered.own, "hands": [{"by": name, "ballots": n} for name, n in entered.hands], "paper": entered.paper}


def verdict_as_json(verdict: Verdict) -> dict[str, Json]:
    """A verdict as it stands in a pack."""
    return {
        "decision": str(verdict.decision),
        "got": verdict.got,
        "needed": verdict.needed,
        "of": verdict.of,
        "chosen": list(verdict.chosen),
        "tied": list(verdict.tied),
    }


def _differ(place: str, recorded: Json, counted: Json) -> Iterator[Disagreement]:
    if isinstance(recorded, dict) and isinstance(counted, dict):
        for key in dict.fromkeys((*recorded, *counted)):
            yield from _differ(f"{place}.{key}", recorded.get(key), counted.get(key))
    elif recorded != counted:
        yield Disagreement(place, recorded, counted)
