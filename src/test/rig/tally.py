#!/usr/bin/env python3
"""What the reports of a run of the tests, in TOP/target, say.

usage: tally.py TOP         in one line what was skipped and how to have it run, and which tests passed only when repeated
       tally.py TOP red     the classes that failed
       tally.py TOP times PHASES   what each phase took, and the slowest classes
       tally.py TOP longest the integration tests that take long, as in src/test/rig/longest-first
       tally.py TOP move    moves the reports of those to TOP/target/first-try
"""
import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def cases(folders):
    """Of each test: its class, its name, and its entry."""
    for folder in folders:
        for report in sorted(folder.glob("TEST-*.xml")):
            for case in ElementTree.parse(report).getroot().iter("testcase"):
                yield report, case.get("classname").rpartition(".")[2], case


def failed(folders):
    return [found for found in cases(folders) if found[2].find("failure") is not None or found[2].find("error") is not None]


def main():
    target = Path(sys.argv[1]) / "target"
    folders = sorted(target.glob("*-reports"))
    wanted = sys.argv[2] if len(sys.argv) > 2 else "line"
    if wanted == "red":
        print(*sorted({name for _, name, _ in failed(folders)}))
    elif wanted == "move":
        (target / "first-try").mkdir(exist_ok=True)
        for report in {report for report, _, _ in failed(folders)}:
            report.rename(target / "first-try" / report.name)
    elif wanted == "times":
        print(phases(Path(sys.argv[3])))
        print("slowest: " + ", ".join(f"{name} {took:.0f} s" for took, name in slowest(folders)[:10]))
    elif wanted == "longest":
        for took, name in slowest([target / "failsafe-reports"]):
            if took >= 20:
                print(f"{took:.0f} {name}")
    else:
        print("; ".join(filter(None, [left_out(folders), unsteady(target / "first-try", folders)])))


def slowest(folders):
    """Each class's seconds and name, the slowest first."""
    suites = [ElementTree.parse(report).getroot() for folder in folders for report in folder.glob("TEST-*.xml")]
    return sorted(((float(suite.get("time").replace(",", "")), suite.get("name").rpartition(".")[2]) for suite in suites), reverse=True)


def phases(file):
    took = {}
    for line in file.read_text().splitlines():
        name, seconds, *busy = line.split("\t")
        took.setdefault(name, []).append((float(seconds), *map(float, busy)))
    parts = []
    for name, times in took.items():
        seconds = sum(time[0] for time in times)
        busy = sum(time[0] * time[1] for time in times if len(time) > 1) / max(seconds, 0.1)
        parts.append(f"{name} {seconds:.0f} s" + (f" ({busy:.0%} of the processors)" if busy and seconds >= 5 else ""))
    return "phases, some beside each other: " + ", ".join(parts)


def reason(mark, test):
    """A condition says it in the message; an assumption in its exception, which is all that is reported of it."""
    said = mark.get("message") or re.sub(r"^[\w.$]*Exception(: )?(Assumption failed: )?", "", (mark.text or "").partition("\n")[0])
    if not said.strip() or re.search(r"^assumption is not (true|false)$| is @Disabled$", said):
        return f"no reason given by {test}: a bug"
    how = re.search(r"\./dev test --\w+", said)
    return how.group() if how else said


def left_out(folders):
    skipped = {}
    for _, name, case in cases(folders):
        mark = case.find("skipped")
        if mark is not None:
            skipped.setdefault(reason(mark, f"{name}.{case.get('name')}"), Counter())[name] += 1
    if not skipped:
        return "none was skipped"
    return f"{sum(of.total() for of in skipped.values())} skipped: " + "; ".join(
        ", ".join(f"{name} {count}" for name, count in sorted(of.items())) + f" ({how})"
        for how, of in sorted(skipped.items()))


def unsteady(first, folders):
    still = {(name, case.get("name")) for _, name, case in failed(folders)}
    repeated = [f"{name}.{case.get('name')}" for _, name, case in failed([first]) if (name, case.get("name")) not in still]
    return repeated and f"{len(repeated)} PASSED ONLY WHEN REPEATED, each a bug to be found: " + ", ".join(repeated)


if __name__ == "__main__":
    main()
