#!/usr/bin/env python3
"""Prints an in-toto statement that says from which commit files were made, and how.

usage: provenance.py VERSION COMMIT FILE…
"""
import hashlib
import json
import sys
from pathlib import Path

SOURCE = "pkg:generic/armory-agent"
MAKER = "https://www.armory.io/armory-agent"


def main():
    version, commit, *files = sys.argv[1:]
    subjects = [{"name": Path(f).name, "digest": {"sha256": hashlib.sha256(Path(f).read_bytes()).hexdigest()}} for f in sorted(files)]
    print(json.dumps({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"{MAKER}/dev-release",
                "externalParameters": {"version": version},
                "resolvedDependencies": [{"uri": SOURCE, "digest": {"gitCommit": commit}}],
            },
            "runDetails": {"builder": {"id": f"{MAKER}/dev"}},
        },
    }, indent=2))


if __name__ == "__main__":
    main()
