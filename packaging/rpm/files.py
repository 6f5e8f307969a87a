#!/usr/bin/env python3
"""Lists a tree for an rpm's %files: files.py TREE"""
import os
import sys

tree = sys.argv[1]
OWNED_ELSEWHERE = {
    "etc", "usr", "usr/bin", "usr/lib", "usr/lib/systemd", "usr/lib/systemd/system", "usr/lib/sysusers.d", "usr/lib/tmpfiles.d",
    "usr/share", "usr/share/doc", "usr/share/man", "usr/share/man/man8", "usr/share/bash-completion",
    "usr/share/bash-completion/completions", "usr/share/zsh", "usr/share/zsh/vendor-completions", "usr/share/zsh/site-functions",
}
PRIVATE = {"etc/armory-agent/env", "etc/armory-agent/config"}

for folder, folders, files in os.walk(tree):
    folders.sort()
    name = os.path.relpath(folder, tree)
    if name != "." and name not in OWNED_ELSEWHERE:
        print(("%attr(2750,root,armory-agent) " if name in PRIVATE else "") + "%dir /" + name)
    for entry in sorted(files + [f for f in folders if os.path.islink(os.path.join(folder, f))]):
        path = os.path.normpath(os.path.join(name, entry)).replace("zsh/vendor-completions", "zsh/site-functions")
        kind = ""
        if path.startswith("etc/"):
            kind = "%config(noreplace) "
        elif path.startswith("usr/share/man/"):
            kind = "%doc "
        elif path.startswith("usr/share/doc/"):
            kind = "%license " if "/licenses/" in path or path.endswith("/copyright") else "%doc "
        if path.endswith(".so"):  # executable on Red Hat's systems, not so on Debian's
            kind = "%attr(0755,root,root) "
        print(f'{kind}"/{path}"')
