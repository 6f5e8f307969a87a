#!/usr/bin/env python3
"""The newest C library that anything in a tree asks for: glibc.py TREE ALLOWED

Looks at every ELF file, those inside jars too (objdump -T). Fails when one asks for more than is allowed.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ELF = b"\x7fELF"


def needs(file):
    table = subprocess.run(["objdump", "-T", file], capture_output=True, text=True, check=False).stdout
    return {tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_([0-9.]+)", table)}


def found(tree):
    for path in sorted(pathlib.Path(tree).rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        head = path.open("rb").read(4)
        if head == ELF:
            yield path.name, needs(path)
        elif path.suffix == ".jar":
            yield from inside(path)


def inside(jar):
    with zipfile.ZipFile(jar) as archive, tempfile.TemporaryDirectory() as into:
        for entry in archive.namelist():
            if archive.open(entry).read(4) == ELF:
                file = os.path.join(into, "library")
                pathlib.Path(file).write_bytes(archive.read(entry))
                yield f"{jar.name}!{entry}", needs(file)


tree, allowed = sys.argv[1:]
wants = [(version, name) for name, versions in found(tree) for version in versions]
if not wants:
    sys.exit("glibc.py: no program found whose C library could be checked")
newest, name = max(wants)
text = ".".join(map(str, newest))
print(f"package: newest C library that is asked for: {text} (by {name}); allowed: {allowed}")
if newest > tuple(map(int, allowed.split("."))):
    sys.exit(f"package: {name} asks for GLIBC_{text}, and the oldest supported node has {allowed}: "
             "take a JDK that is built for older systems, such as Temurin's")
