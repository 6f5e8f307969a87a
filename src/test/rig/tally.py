#!/usr/bin/env python3
"""Says in one line what a run of the tests skipped and how to have it run, and which tests passed only when they were repeated.

usage: tally.py TOP      TOP/target has the reports
"""
import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def main():
    top = Path(sys.argv[1])
    skipped = {}
    repeated = []
    for report in sorted(top.glob("target/*-reports/TEST-*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = case.get("classname").rpartition(".")[2]
            if case.find("flakyFailure") is not None or case.find("flakyError") is not None:
                repeated.append(f"{name}.{case.get('name')}")
            mark = case.find("skipped")
            if mark is None:
                continue
            reason = mark.get("message") or "no reason given"
            how = re.search(r"\./dev test --\w+", reason)
            skipped.setdefault(how.group() if how else reason, Counter())[name] += 1
    print("; ".join(filter(None, [left_out(skipped), unsteady(repeated)])))


def left_out(skipped):
    if not skipped:
        return "none was skipped"
    return f"{sum(of.total() for of in skipped.values())} skipped: " + "; ".join(
        ", ".join(f"{name} {count}" for name, count in sorted(of.items())) + f" ({how})"
        for how, of in sorted(skipped.items()))


def unsteady(repeated):
    return repeated and f"{len(repeated)} PASSED ONLY WHEN REPEATED, each a bug to be found: " + ", ".join(repeated)


if __name__ == "__main__":
    main()
