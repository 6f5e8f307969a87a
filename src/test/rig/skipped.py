#!/usr/bin/env python3
"""Says in one line what a run of the tests skipped, how many and how to have them run.

usage: skipped.py TOP      TOP/target has the reports
"""
import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def main():
    top = Path(sys.argv[1])
    skipped = {}
    for report in sorted(top.glob("target/*-reports/TEST-*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            mark = case.find("skipped")
            if mark is None:
                continue
            reason = mark.get("message") or "no reason given"
            how = re.search(r"\./dev test --\w+", reason)
            of = skipped.setdefault(how.group() if how else reason, Counter())
            of[case.get("classname").rpartition(".")[2]] += 1
    if not skipped:
        print("none was skipped")
        return
    print(f"{sum(of.total() for of in skipped.values())} skipped: " + "; ".join(
        ", ".join(f"{name} {count}" for name, count in sorted(of.items())) + f" ({how})"
        for how, of in sorted(skipped.items())))


if __name__ == "__main__":
    main()
