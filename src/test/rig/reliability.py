#!/usr/bin/env python3
"""Writes docs/reliability.md from the figures that the parts of `./dev prove` left.

usage: reliability.py FOLDER DOCUMENT
       reliability.py FOLDER          one line of totals, for the end of a test run
"""
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

PARTS = {
    "kills": ("Kills", "The agent is killed (SIGKILL) at a random event of first starts, releases, rollbacks, changes of scale, network, volume and secret, "
                       "stops, and kills from outside. It must converge to what the sources say, lose no volume, and leave no container but those."),
    "engine": ("Engine", "The way to the engine hangs, is gone, breaks off, is slow, answers half, with pages or with errors, half of the time while a "
                         "container is killed. Nothing may be decided meanwhile, and everything that was untouched must be untouched after it."),
    "simulation": ("Simulated nodes", "A node's hour on a clock of its own, with faults at random. After every event: at most one place down for a rollout, no action while blind, no volume "
                   "lost, ready only if all that is required is up; in the end all is well again."),
    "failovers": ("Poller and group", "Agents crash, fall silent and resign, and the shared Redis hangs, crashes and forgets. Never may two poll, and one must when all is well; "
                  "never may more nodes change than may."),
    "groups": ("Groups", "Three whole agents and their shared Redis take each their steps in an order drawn at random, through two releases of which the first may be a bad one, with an outage of "
               "the Redis and a restart of an agent at times. One node at most is not ready, none changes without its turn, what is bad runs on one node at most, and the last release reaches all."),
    "hostile": ("Hostile answers and requests", "At the health port, the control socket, and in the places of Redis, IMDS and SSM. Each is refused in one short line or "
                "taken at its word where it may be; `/health/ready` is answered within 100 ms; no node falls back to another stack."),
    "mutated": ("Mutated inputs", "Compose files (from the reference cases and the shipped templates), env files and `agent.yaml`, cut, doubled, spliced and sprinkled. Each is read within a second of work, "
                "or refused with short lines. Not guided by coverage: see the next."),
    "guided": ("Guided inputs", "The same three readers, with inputs that Jazzer makes, guided by which of the agent's code they reach. Slower by a hundred times, as every branch is counted."),
    "disks": ("Disks", "The state directory, the rendered files', `/run` and the engine's data root are full, have no inode left or (but the last) are read-only, at a random event of releases, changes of a secret, repairs "
              "and kills of the agent. What runs is repaired meanwhile, the health port answers within 2 s, and with room again all ends as the sources say without anybody's help."),
    "clocks": ("Clocks", "The node's clock is set by one or two hours at a random event of releases, rollbacks, repairs and nothing at all; file times and the engine's times follow it. "
               "Nothing is given up, no container is made or started that would not be without it, nothing is called unreadable."),
    "away": ("Away", "IMDS, SSM, the registry and the shared Redis refuse, hang, answer with errors, slowly or by half, at a random event of a start of the agent, a release, and nothing at all. "
             "What runs goes on, a release is one new container, and afterwards all is as the sources say."),
    "releases": ("Releases under requests", "Release after release of services that start first, asked by their names from inside the network all the time, by one that resolves each time and by one that "
                 "remembers the address for 30 s."),
    "fleet": ("Releases through a group", "Three systemd nodes that share a Redis with a password and TLS behind a load balancer that is asked all the time; one release after another changes a service that is "
              "published. No request fails, and never are fewer than two nodes ready."),
    "churn": ("Wear", "Releases, kills, changes of scale and of definitions one after another, under ten requests of `/metrics` a second. "
              "What the agent takes of the node is at the end what it was when its code was warm."),
    "mttr": ("Time to repair", "From the fault to the first good answer, in milliseconds; the same stand-in under all three, checked every second, three failures in a row. The restarter looks every 5 s. "
             "Never: not within 25 s, tried once."),
}


def read(folder):
    runs = defaultdict(list)
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            runs[entry["part"]].append(entry)
    return runs


def counts(entries):
    """A seed that was lived twice counts once."""
    by_seed = {}
    for number, entry in enumerate(entries):
        if "count" in entry:
            key = entry["what"], entry.get("seed", f"none, {number}")
            by_seed[key] = max(by_seed.get(key, 0), entry["count"])
    total = defaultdict(int)
    for (what, _), count in by_seed.items():
        total[what] += count
    return total


def percentile(values, part):
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"
    yield ""


def section(part, entries):
    title, promise = PARTS[part]
    days = sorted({entry["when"][:10] for entry in entries})
    yield f"## {title}"
    yield ""
    yield promise
    yield ""
    yield f"`./dev prove {part}`, {' and '.join(days)}."
    yield ""
    total = counts(entries)
    if total:
        yield from table(["times", "what"], [(f"{n:,}", what) for what, n in sorted(total.items(), key=lambda x: -x[1])])
    figures = [(e["what"], f'{e["begin"]:,}', f'{e["end"]:,}') for e in entries if "begin" in e]
    if figures:
        yield from table(["figure", "at the beginning", "at the end"], figures)
    times = defaultdict(list)
    for entry in entries:
        if "ms" in entry:
            times[entry["what"]] += entry["ms"]
    if times:
        yield from table(["fault, and who repairs", "times", "p50", "p99"], [
            (what.replace("_", " ").lower(), len(all) or "never", percentile(all, .5) if all else "-", percentile(all, .99) if all else "-")
            for what, all in sorted(times.items())])


def document(runs):
    yield "# What was tried, how often, and what came of it"
    yield ""
    yield ("Made by `./dev prove report` from what the tests of each part noted when all of it held; runs add up, of a part as a whole or of one of its test classes alone. `./dev test` does a little of each part but `guided`, `engine` and `mttr`. A failure prints its seed, and `-Darmory.seed=N` "
           "lives it again. All of it ran on stand-ins of Spinnaker's services, on one machine of two cores that did other work too.")
    yield ""
    for part in PARTS:
        if part in runs:
            yield from section(part, runs[part])
    missing = [part for part in PARTS if part not in runs]
    if missing:
        yield "## Not run yet"
        yield ""
        yield ", ".join(f"`./dev prove {part}`" for part in missing) + "."
        yield ""


def main():
    runs = read(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text("\n".join(document(runs)))
        return
    most = (max(counts(entries).items(), key=lambda x: x[1], default=None) for entries in runs.values())
    print("proven on the way: " + "; ".join(f"{n:,} {what}" for what, n in filter(None, most)))


if __name__ == "__main__":
    main()
