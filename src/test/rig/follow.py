#!/usr/bin/env python3
"""Shows those of Maven's lines that matter, keeps all, and adds what each phase took to a file.

usage: mvn … | follow.py LOG PHASES

A line of PHASES: the name of the phase, its seconds, and how much of the processors was in use, by whomever.
"""
import re
import sys
import time

SHOWN = re.compile(r"\[ERROR\]|.*Tests run:|\[INFO\] (Running |--- (maven-)?(surefire|failsafe)|BUILD|Total time)")
GOAL = re.compile(r"\[INFO\] --- (?:maven-)?([\w-]+?)(?:-maven)?(?:-plugin)?:[\w.-]+:([\w-]+)")
PHASES = {"toolchains": "compiling", "resources": "compiling", "compiler": "compiling", "spotless": "compiling", "surefire": "unit tests",
          "failsafe": "integration tests"}


def ticks():
    """Of all processors since the machine was started: in use, and altogether."""
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(word) for word in stat.readline().split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def main():
    log, phases = sys.argv[1:3]
    phase, began, used = None, time.time(), ticks()
    with open(log, "a", encoding="utf-8") as kept:
        for line in sys.stdin:
            kept.write(line)
            kept.flush()
            if SHOWN.match(line):
                print(line, end="", flush=True)
            goal = GOAL.match(line)
            if goal:
                now = PHASES.get(goal.group(1), "packages")
                if now != phase:
                    note(phases, phase, began, used)
                    phase, began, used = now, time.time(), ticks()
    note(phases, phase, began, used)


def note(phases, phase, began, used):
    if phase:
        busy, altogether = (now - then for now, then in zip(ticks(), used))
        with open(phases, "a", encoding="utf-8") as file:
            print(f"{phase}\t{time.time() - began:.1f}\t{busy / max(altogether, 1):.2f}", file=file)


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    main()
