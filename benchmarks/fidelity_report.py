"""The table of `corpora_fidelity.py`, its goals reached or not, the worst documents."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from fidelity_pandoc import AS_RUN, BY_CPU

CITATIONS_GOAL: Final = 0.98
FORMULAS_GOAL: Final = 0.99
WORDS_GOAL: Final = 0.98
LEAKS_GOAL: Final = 1.0
#: How many times the speed of a peer; what varies from run to run is allowed for.
SPEED_GOALS: Final = {
    ("pubmed", "pubmed_parser"): 0.95,
    ("mediawiki", "mwparserfromhell"): 0.95,
}
#: TEI has no reader in pandoc: it is held against pandoc's JATS in the same run.
PANDOC_GOALS: Final = {"latex": 1.0, "jats": 10.0, "tei": 10.0}
#: Our times for the records that pandoc reads, among the peers' times.
OURS_BY_CPU: Final = "ours on the same"
OURS_BY_CLOCK: Final = "ours on the same by the clock"

_COLUMNS: Final = (
    "format", "records", "read", "dropped", "quarantined", "citations resolved", "formulas",
    "balanced", "parsed", "kept", "words in order", "elsewhere", "leaks / 10,000", "twice",
    "swallowed", "MB/s", "peers, MB/s",
    "times pandoc: CPU, as users run it",
)  # fmt: skip


def print_report(tallies: Mapping[str, Any], worst: int) -> dict[str, Any]:
    """Print everything; returns it for JSON."""
    if not any(tally.counts["records"] for tally in tallies.values()):
        print("no record was found")
    rows = [[_COLUMNS[0], *_COLUMNS[1:]]]
    rows += [_row(name, tally, tallies) for name, tally in tallies.items()]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
    for number, row in enumerate(rows):
        print(f"| {' | '.join(c.ljust(w) for c, w in zip(row, widths, strict=True))} |")
        if not number:
            print(f"|{'|'.join('-' * (w + 2) for w in widths)}|")
    report: dict[str, Any] = {}
    for name, tally in tallies.items():
        goals = verdicts(name, tally, tallies)
        report[name] = {
            "counts": dict(tally.counts),
            "dropped": dict(tally.dropped),
            "quarantined": dict(tally.quarantined),
            "leaks": dict(tally.leaks),
            "formula_faults": dict(tally.faults),
            "words": {reference: dict(count) for reference, count in tally.words.items()},
            "notes": dict(tally.notes),
            "cpu_seconds": tally.cpu_seconds,
            "peers": {peer: asdict(timing) for peer, timing in tally.peers.items()},
            "goals": goals,
            "worst": [found for score, _, found in tally.worst if score][: worst or None],
        }
        _print_details(name, tally, goals)
    for tally in tallies.values() if worst else ():
        for score, _, found in tally.worst[:worst]:
            if score:
                _print_worst(score, found)
    return report


def verdicts(name: str, tally: Any, tallies: Mapping[str, Any]) -> list[str]:
    """A line for each goal that the run can decide."""
    count = tally.counts
    lines = []

    def hold(what: str, share: float, goal: float) -> None:
        said = "reached" if share >= goal else "NOT REACHED"
        lines.append(f"{what} {share:.2%}, at least {goal:.0%} wanted: {said}")

    if count["records"] > count["malformed"]:
        refused = tally.quarantined.total() - count["malformed"]
        well = count["records"] - count["malformed"]
        hold("well-formed records taken", (well - refused) / well, 1.0)
    if count["citations expected"]:
        share = count["citations found"] / count["citations expected"]
        hold("citations that the file can resolve", share, CITATIONS_GOAL)
    if count["formulas"]:
        good = min(count["formulas balanced"], count["formulas parsed"]) / count["formulas"]
        hold("formulas balanced and parsed", good, FORMULAS_GOAL)
    if count["formulas expected"]:
        hold("formulas kept", count["formulas kept"] / count["formulas expected"], FORMULAS_GOAL)
    for reference, words in tally.words.items():
        if words["words"]:
            hold(f"words of {reference} in order", _in_order(words), WORDS_GOAL)
    if count["words"]:
        rate = 1e4 * tally.leaks.total() / count["words"]
        said = "reached" if rate < LEAKS_GOAL else "NOT REACHED"
        lines.append(f"leaks {rate:.2f} per 10,000 words, under {LEAKS_GOAL:.0f} wanted: {said}")
    for (format_name, peer), goal in SPEED_GOALS.items():
        if format_name == name and (ratio := _ratio(tally, peer)):
            said = "reached" if ratio >= goal else "NOT REACHED"
            lines.append(f"speed {ratio:.2f}x {peer}, at least {goal}x wanted: {said}")
    for peer, ratio in _times_pandoc(name, tally, tallies).items():
        said = "reached" if ratio >= PANDOC_GOALS[name] else "NOT REACHED"
        on_jats = " on JATS" if name == "tei" else ""
        wanted = f"at least {PANDOC_GOALS[name]}x wanted"
        lines.append(f"speed {ratio:.2f}x {peer}{on_jats}, {wanted}: {said}")
    if name == "latex" and count["pandoc reads"]:
        failed = count["refused where pandoc reads"]
        said = "reached" if not failed else "NOT REACHED"
        lines.append(f"refused where pandoc reads: {failed}, none wanted: {said}")
    return lines


def _times_pandoc(name: str, tally: Any, tallies: Mapping[str, Any]) -> dict[str, float]:
    """Our speed by pandoc's, by CPU time and as users run it, where both are known."""
    ratios: dict[str, float] = {}
    if name not in PANDOC_GOALS:
        return ratios
    by = ((BY_CPU, OURS_BY_CPU, "cpu_seconds"), (AS_RUN, OURS_BY_CLOCK, "clock_seconds"))
    for peer, ours_there, seconds in by:
        beside = tallies.get("jats") if name == "tei" else tally
        theirs = _speed(beside.peers.get(peer)) if beside else 0.0
        ours = _speed(tally.peers.get(ours_there))
        if name == "tei" and getattr(tally, seconds):
            ours = tally.counts["bytes"] / getattr(tally, seconds) / 1e6
        if theirs and ours:
            ratios[peer] = ours / theirs
    return ratios


def _row(name: str, tally: Any, tallies: Mapping[str, Any]) -> list[str]:
    count = tally.counts
    formulas = count["formulas"]
    references = [(r, w) for r, w in tally.words.items() if w["words"]]
    peers = [
        f"{peer} {_speed(timing):.2f}" if not timing.not_run else f"{peer} not run"
        for peer, timing in tally.peers.items()
        if peer not in (OURS_BY_CPU, OURS_BY_CLOCK)
    ]
    return [
        name,
        f"{count['records']:,}",
        f"{count['read']:,}",
        f"{tally.dropped.total():,}",
        f"{tally.quarantined.total():,}",
        _share(count["citations found"], count["citations expected"]),
        f"{formulas:,}",
        _share(count["formulas balanced"], formulas),
        _share(count["formulas parsed"], formulas),
        _share(count["formulas kept"], count["formulas expected"]),
        ", ".join(f"{_in_order(w):.2%} ({r})" for r, w in references) or "-",
        ", ".join(f"{w['elsewhere'] / w['words']:.2%}" for _, w in references) or "-",
        f"{1e4 * tally.leaks.total() / count['words']:.2f}" if count["words"] else "-",
        f"{count['duplicated']:,}",
        ", ".join(f"{w['swallowed']:,}" for _, w in references) or "-",
        f"{count['bytes'] / tally.cpu_seconds / 1e6:.2f}" if tally.cpu_seconds else "-",
        ", ".join(peers) or "-",
        ", ".join(f"{ratio:.1f}x" for ratio in _times_pandoc(name, tally, tallies).values()) or "-",
    ]


def _in_order(words: Mapping[str, int]) -> float:
    return 1 - (words["missing"] + words["elsewhere"]) / words["words"]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%} of {whole:,}" if whole else "-"


def _speed(timing: Any) -> float:
    return timing.num_bytes / timing.seconds / 1e6 if timing and timing.seconds else 0.0


def _ratio(tally: Any, peer: str) -> float | None:
    """Ours by the peer's speed."""
    theirs = _speed(tally.peers.get(peer))
    if not theirs or not tally.cpu_seconds:
        return None
    return tally.counts["bytes"] / tally.cpu_seconds / 1e6 / theirs


def _print_details(name: str, tally: Any, goals: list[str]) -> None:
    print(f"\n{name}")
    for what in ("dropped", "quarantined", "leaks", "faults", "notes"):
        counted = getattr(tally, what)
        if counted:
            shown = ", ".join(f"{reason} {n:,}" for reason, n in counted.most_common(8))
            print(f"  {what}: {shown}")
    without = {
        reason.removeprefix("citations without: "): n
        for reason, n in tally.counts.items()
        if reason.startswith("citations without: ")
    }
    if without:
        print("  citations without a title: " + ", ".join(f"{r} {n:,}" for r, n in without.items()))
    for peer, timing in tally.peers.items():
        if timing.not_run:
            print(f"  {peer} not run: {timing.not_run}")
    for goal in goals:
        print(f"  goal: {goal}")


def _print_worst(score: float, found: Mapping[str, Any]) -> None:
    print(f"\n{found['record']}  ({score:.0f})")
    for what, entry in found.items():
        if what == "record":
            continue
        if isinstance(entry, dict):
            print(
                f"  {what}: {entry['missing']} of {entry['words']:,} missing, "
                f"{entry['elsewhere']} elsewhere, {entry['swallowed']} passages swallowed"
            )
            entry = entry["longest"]
        elif isinstance(entry, str):
            print(f"  {what}: {entry}")
            continue
        else:
            print(f"  {what}: {len(entry)}")
        for each in entry[:8]:
            print(f"      {each}")
