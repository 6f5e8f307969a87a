#!/usr/bin/env python3
"""Says what a package is made of: materials.py SBOM LIB RELEASE LEGAL DOC VERSION EPOCH

From Maven's CycloneDX file, the jars that are packaged, and the JDK's `release` file and legal texts it
writes into DOC: armory-agent.cdx.json (only what is packaged, and the runtime), copyright (machine-readable,
Debian's format), and licenses/ with the texts. Fails on a jar that the bill does not know, and on one
without a licence.
"""
import hashlib
import json
import pathlib
import re
import shutil
import sys
import uuid
import datetime
import zipfile

TEXT = re.compile(r"(?i)^(META-INF/)?(license|licence|notice|copying)([.-][^/]*)?$|^META-INF/(license|licenses)/[^/]+$")
TRIMMED = "META-INF/TRIMMED.txt"
SHORT = {
    "Apache-2.0": "Apache-2.0", "MIT": "Expat", "MIT-0": "MIT-0", "EPL-1.0": "EPL-1.0", "EPL-2.0": "EPL-2.0",
    "LGPL-2.1-only": "LGPL-2.1", "LGPL-2.1": "LGPL-2.1", "CC0-1.0": "CC0-1.0", "BSD-2-Clause": "BSD-2-clause",
}


def licences(component):
    found = []
    for choice in component.get("licenses", []):
        licence = choice.get("license", {})
        found.append(choice.get("expression") or licence.get("id") or licence.get("name"))
    return found


def jar_of(component, jars):
    return jars.get(f"{component['name']}-{component['version']}.jar")


def texts_of(jar, into):
    count = 0
    with zipfile.ZipFile(jar) as archive:
        for name in sorted(archive.namelist()):
            if TEXT.match(name) and not name.endswith("/"):
                into.mkdir(parents=True, exist_ok=True)
                (into / pathlib.PurePath(name).name).write_bytes(archive.read(name))
                count += 1
    return count


def runtime_component(release):
    fields = dict(line.rstrip().split("=", 1) for line in open(release) if "=" in line)
    fields = {key: value.strip('"') for key, value in fields.items()}
    return {
        "type": "platform", "bom-ref": "runtime", "name": "OpenJDK runtime (jlink)",
        "publisher": fields.get("IMPLEMENTOR", "?"), "version": fields["JAVA_RUNTIME_VERSION"],
        "description": fields.get("IMPLEMENTOR_VERSION", ""),
        "licenses": [{"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}],
    }


def change_of(jar):
    """What TrimSdk.java has written into a jar that it changed."""
    with zipfile.ZipFile(jar) as archive:
        if TRIMMED not in archive.namelist():
            return ""
        return archive.read(TRIMMED).decode().strip()


def paragraph(files, holder, licence, comment=""):
    comment = f"Comment: {comment}\n" if comment else ""
    return f"Files: {files}\nCopyright: {holder}\nLicense: {licence}\n{comment}"


def main():
    bill_file, lib, release, legal, doc, version, epoch = sys.argv[1:]
    doc = pathlib.Path(doc)
    jars = {jar.name: jar for jar in sorted(pathlib.Path(lib).glob("*.jar"))}
    jars.pop("armory-agent.jar")
    bill = json.loads(pathlib.Path(bill_file).read_text())
    kept, paragraphs, without = [], [], []
    for component in sorted(bill["components"], key=lambda c: (c["name"], c["version"])):
        jar = jar_of(component, jars)
        if jar is None:
            continue
        named = licences(component)
        if not named:
            without.append(jar.name)
        changed = change_of(jar)
        if changed:
            component["pedigree"] = {"notes": changed}
        sha = hashlib.sha256(jar.read_bytes()).hexdigest()
        component["hashes"] = [{"alg": "SHA-256", "content": sha}]
        kept.append(component)
        texts_of(jar, doc / "licenses" / jar.stem)
        holder = component.get("publisher") or component.get("group")
        terms = " or ".join(SHORT.get(n, re.sub(r"[^A-Za-z0-9.+-]+", "-", n)) for n in named)
        paragraphs.append(paragraph(f"usr/lib/armory-agent/lib/{jar.name}", f"the authors of {component['name']} ({holder})", terms, changed))
    unknown = sorted(set(jars) - {f"{c['name']}-{c['version']}.jar" for c in kept})
    if unknown or without:
        sys.exit(f"materials.py: not in the bill: {unknown}; without a licence: {without}")

    shutil.copytree(legal, doc / "licenses" / "openjdk", symlinks=True)
    (doc / "licenses" / "armory-agent").mkdir(parents=True)
    shutil.copy(pathlib.Path(__file__).parent.parent / "LICENSE", doc / "licenses" / "armory-agent" / "LICENSE")
    runtime = runtime_component(release)
    refs = {c["bom-ref"] for c in kept}
    root = bill["metadata"]["component"]
    root["version"] = version
    bill["components"] = kept + [runtime]
    bill["dependencies"] = [
        {**d, "dependsOn": sorted(r for r in d.get("dependsOn", []) if r in refs)}
        for d in sorted(bill["dependencies"], key=lambda d: d["ref"]) if d["ref"] in refs or d["ref"] == root["bom-ref"]
    ]
    for d in bill["dependencies"]:
        if d["ref"] == root["bom-ref"]:
            d["dependsOn"].append("runtime")
    bill["metadata"]["timestamp"] = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    bill["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bill["components"], sort_keys=True) + version))
    (doc / "armory-agent.cdx.json").write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n")
    write_copyright(doc, paragraphs, runtime, bill["metadata"]["timestamp"][:4])


def write_copyright(doc, paragraphs, runtime, year):
    head = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: armory-agent\n" \
           "Source: https://www.armory.io\n" \
           "Comment: The texts of all licences and notices are in /usr/share/doc/armory-agent/licenses, one\n" \
           " directory a part; what the package is made of is in armory-agent.cdx.json (CycloneDX).\n"
    names = sorted({n for p in paragraphs for n in re.split(" or ", p.rsplit("License: ", 1)[1].strip())})
    known = {
        "Apache-2.0": " On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.",
        "LGPL-2.1": " On Debian systems the text is in /usr/share/common-licenses/LGPL-2.1.",
    }
    own_paragraph = paragraph("*", f"© {year} the authors of armory-agent", "Apache-2.0")
    java = paragraph("usr/lib/armory-agent/runtime/*", f"Oracle and/or its affiliates, and others ({runtime['publisher']})",
                     "GPL-2 with Classpath exception")
    texts = [f"License: {n}\n{known.get(n, ' The text is with the part, in /usr/share/doc/armory-agent/licenses.')}\n"
             for n in sorted(set(names) | {"Apache-2.0"})]
    texts.append("License: GPL-2 with Classpath exception\n The text is in /usr/share/doc/armory-agent/licenses/openjdk/java.base;\n"
                 " on Debian systems that of the GPL is in /usr/share/common-licenses/GPL-2 as well.\n")
    (doc / "copyright").write_text("\n".join([head, own_paragraph, *paragraphs, java, *texts]))


main()
