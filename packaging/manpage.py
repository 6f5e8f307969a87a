#!/usr/bin/env python3
"""Fills the manual page: manpage.py TEMPLATE COMMANDS VERSION EPOCH

COMMANDS is a directory with one file a command, what its --help says; that becomes a section each, so
that the page cannot say less or other than the program does.
"""
import datetime
import pathlib
import sys


def roff(text):
    lines = []
    for line in text.rstrip().splitlines():
        line = line.replace("\\", "\\e").replace("-", "\\-")
        lines.append("\\&" + line if line[:1] in ".'" else line)
    return "\n".join(lines)


template, commands, version, epoch = sys.argv[1:]
date = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%d")
sections = []
for file in sorted(pathlib.Path(commands).iterdir()):
    if file.name != "--help":
        sections.append(f".SS {file.name}\n.nf\n{roff(file.read_text())}\n.fi")
page = pathlib.Path(template).read_text()
page = page.replace("@VERSION@", version).replace("@DATE@", date)
print(page.replace("@COMMANDS@", "\n".join(sections)), end="")
