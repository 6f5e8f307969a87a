#!/usr/bin/env python3
"""An EC2 instance metadata service (version 2 enforced) for tests, with a switch for every fault.

usage: imds.py [--port N] [--control N] [--host ADDRESS] [--exit-with-stdin]

Prints "ready PORT CONTROL" and serves until killed. Python's standard library only. The behaviour
follows "Use the Instance Metadata Service to access instance metadata" of the EC2 user guide: a
token by PUT with a life of 1 to 21600 s; 400 for a request that is wrong, 401 for a token that is
missing or no longer valid, 403 when the service is switched off or the token request was forwarded,
404 for an item that does not exist, 503 when it cannot serve.

Control (plain HTTP on 127.0.0.1, JSON):
  PUT    /items     {"placement/region": "eu-west-1", "spot/instance-action": null}   null removes
  PUT    /faults    {"token": FAULT, "data": FAULT, "item": {"local-ipv4": FAULT},
                     "tags": "off", "endpoint": "off"}
         FAULT      {"do": 401 | 403 | 503 | "hang" | "drop" | "garbage" | "empty" | "no-ttl" | "dribble",
                     "times": 2, "for": 3.5}
         "hang"     no answer until the client gives up, as behind hop limit 1
         "drop"     the connection is closed without an answer
         "garbage"  an answer that is not HTTP
         "empty"    HTTP 200 without a body
         "dribble"  the body comes one byte every 0.4 s
         times, for end the fault after so many requests or seconds; neither: until /faults again
  POST   /expire    every token given so far is no longer valid
  GET    /requests  {"token": 1, "data": 7, "without-token": 0, "paths": {"instance-id": 1}}
  POST   /reset     items, faults and counts as at the start
"""
import argparse
import datetime
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROLE = "spinnaker-node"
ITEMS = {
    "ami-id": "ami-0abcdef1234567890",
    "instance-id": "i-0123456789abcdef0",
    "instance-type": "m5.2xlarge",
    "local-hostname": "ip-10-0-1-17.ec2.internal",
    "local-ipv4": "10.0.1.17",
    "placement/availability-zone": "us-east-1a",
    "placement/region": "us-east-1",
    "services/domain": "amazonaws.com",
    "iam/security-credentials/" + ROLE: "(made on request)",
    "autoscaling/target-lifecycle-state": "InService",
    "tags/instance/Name": "spinnaker",
    "tags/instance/aws:autoscaling:groupName": "armoryspinnaker-preprod-v000",
}
TAGS = "tags/instance"
TTL = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "x-aws-ec2-metadata-token"
META = "/latest/meta-data"


def utc(seconds=0):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class State:
    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        with self.lock:
            self.items = dict(ITEMS)
            self.faults = {}
            self.tokens = {}
            self.requests = {"token": 0, "data": 0, "without-token": 0, "paths": {}}

    def set_faults(self, faults):
        now = time.monotonic()
        every = [faults.get("token"), faults.get("data"), *faults.get("item", {}).values()]
        for fault in filter(None, every):
            if "for" in fault:
                fault["until"] = now + fault["for"]
        with self.lock:
            self.faults = faults

    def fault(self, kind, path=None):
        """What is to go wrong with this request, or None; counts it."""
        with self.lock:
            fault = self.faults.get("item", {}).get(path) or self.faults.get(kind)
            if not fault:
                return None
            if "until" in fault and time.monotonic() > fault["until"]:
                return None
            if "times" in fault:
                if fault["times"] <= 0:
                    return None
                fault["times"] -= 1
            return fault["do"]


STATE = State()


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body="", headers=(), pace=0.0):
        data = body.encode()
        self.send_response_only(status)
        for name, value in [("Content-Type", "text/plain"), ("Content-Length", str(len(data))),
                            ("Server", "EC2ws"), *headers]:
            self.send_header(name, value)
        self.end_headers()
        if not pace:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(pace)

    def went_wrong(self, fault):
        """Answers as the fault says; False: the fault changes a good answer only."""
        if fault is None or fault in ("no-ttl", "dribble"):
            return False
        self.close_connection = True
        if fault == "hang":
            self.connection.settimeout(60)
            try:
                self.rfile.read(1)
            except OSError:
                pass
        elif fault == "garbage":
            self.wfile.write(b"\x00\xff garbage\r\n\r\n")
        elif fault == "empty":
            self.answer(200)
        elif fault != "drop":
            self.answer(int(fault))
        return True

    def do_PUT(self):
        with STATE.lock:
            STATE.requests["token"] += 1
        fault = STATE.fault("token")
        if self.went_wrong(fault):
            return
        if STATE.faults.get("endpoint") == "off" or self.headers.get("X-Forwarded-For"):
            return self.answer(403)
        if self.path != "/latest/api/token":
            return self.answer(404)
        life = self.headers.get(TTL, "")
        if not life.isdigit() or not 1 <= int(life) <= 21600:
            return self.answer(400)
        token = secrets.token_urlsafe(40)
        with STATE.lock:
            STATE.tokens[token] = time.monotonic() + int(life)
        self.answer(200, token, [] if fault == "no-ttl" else [(TTL, life)])

    def do_GET(self):
        path = self.path.split("?")[0]
        item = path[len(META):].strip("/") if path.startswith(META) else path
        token = self.headers.get(TOKEN)
        with STATE.lock:
            STATE.requests["data"] += 1
            if token is None:
                STATE.requests["without-token"] += 1
            paths = STATE.requests["paths"]
            paths[item] = paths.get(item, 0) + 1
        fault = STATE.fault("data", item)
        if self.went_wrong(fault):
            return
        if STATE.faults.get("endpoint") == "off":
            return self.answer(403)
        if STATE.tokens.get(token, 0) < time.monotonic():
            return self.answer(401)
        found = self.document(path) if not path.startswith(META) else self.item(item)
        if found is None:
            return self.answer(404)
        self.answer(200, found, pace=0.4 if fault == "dribble" else 0.0)

    def item(self, name):
        with STATE.lock:
            items = dict(STATE.items)
        if STATE.faults.get("tags") == "off":
            items = {k: v for k, v in items.items() if not k.startswith(TAGS)}
        if name == "iam/security-credentials/" + ROLE:
            return json.dumps({
                "Code": "Success", "LastUpdated": utc(), "Type": "AWS-HMAC",
                "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "stand-in-secret-key",
                "Token": "stand-in-session-token", "Expiration": utc(6 * 3600)})
        if name in items:
            return items[name]
        below = name + "/" if name else ""
        children = set()
        for key in items:
            if key.startswith(below):
                child, slash, _ = key[len(below):].partition("/")
                children.add(child + slash)
        return "\n".join(sorted(children)) or None

    def document(self, path):
        if path != "/latest/dynamic/instance-identity/document":
            return None
        get = STATE.items.get
        return json.dumps({
            "instanceId": get("instance-id"), "region": get("placement/region"),
            "availabilityZone": get("placement/availability-zone"),
            "privateIp": get("local-ipv4"), "accountId": "123456789012", "version": "2017-09-30"})


class Control(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def do_GET(self):
        with STATE.lock:
            self.answer(STATE.requests)

    def do_POST(self):
        if self.path == "/expire":
            with STATE.lock:
                STATE.tokens.clear()
        else:
            STATE.reset()
        self.answer({})

    def do_PUT(self):
        body = self.body()
        if self.path == "/faults":
            STATE.set_faults(body)
        else:
            with STATE.lock:
                for name, value in body.items():
                    if value is None:
                        STATE.items.pop(name, None)
                    else:
                        STATE.items[name] = value
        self.answer({})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control", type=int, default=0)
    parser.add_argument("--exit-with-stdin", action="store_true",
                        help="end when standard input does: dies with the test that started it")
    options = parser.parse_args()
    service = ThreadingHTTPServer((options.host, options.port), Service)
    service.daemon_threads = True
    control = ThreadingHTTPServer(("127.0.0.1", options.control), Control)
    control.daemon_threads = True
    threading.Thread(target=control.serve_forever, daemon=True).start()
    if options.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print("ready", service.server_port, control.server_port, flush=True)
    service.serve_forever()


if __name__ == "__main__":
    main()
