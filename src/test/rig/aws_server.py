#!/usr/bin/env python3
"""The moto server for tests, with what tests need beside it.

usage: aws_server.py [--port N] [--many N PATH] [--exit-with-stdin]

Prints "ready PORT" and serves until killed. Needs: pip install 'moto[server,ssm,ec2,autoscaling,ecr,elbv2,elasticache,iam,acm]'.

What it adds to moto, and why:
  - CompleteLifecycleAction and RecordLifecycleActionHeartbeat, which moto does not have. A hook's
    action is active until it is completed; after that the answer is AWS's ValidationError.
  - GetParametersByPath decrypts and checks only the page it returns. moto does it for the whole path
    at every page, so that 10,000 parameters take it a minute of its own. DescribeParameters of a
    path likewise, and as many a page as is asked for: moto gives 10.
  - what Terraform needs beside: see aws_more.py.
  - --many N PATH puts N parameters below PATH/env at the start, every tenth a SecureString.
  - a control, JSON:
      GET  /rig/calls      {"ssm:GetParametersByPath": 3, …}
      GET  /rig/lifecycle  what was completed and heartbeaten, in order
      PUT  /rig/faults     {"ssm:GetParametersByPath": {"do": "throttle", "after": 1, "times": 2}}
                           do: throttle | deny | fail (HTTP 500) | hang (10 s) | signature | drop |
                               empty (HTTP 200 without a body) | garbage (no HTTP at all) |
                               elsewhere (HTTP 404 of no AWS) | token (the page's token has ended)
                           after: so many calls go well first; times: so many go wrong, then well
      PUT  /rig/keys       ["alias/other"]   keys of KMS that this node may not decrypt with
      PUT  /rig/states     {"i-0123": "Terminating:Wait"}   what the group says of an instance
      POST /rig/reset      forgets all of it, and moto's own state too
"""
import argparse
import io
import json
import os
import re
import socket
import sys
import threading
import time
from urllib.parse import parse_qs

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
# AWS's own policies that are attached to roles. moto has 1,500, and makes them all anew for each partition at the first
# call after each reset: more than a second of a processor for each test.
POLICIES = {"AmazonSSMManagedInstanceCore"}

try:
    import aws_more  # noqa: F401
    import moto.iam.models
    from moto.autoscaling.models import autoscaling_backends
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import ActionResult
    from moto.server import DomainDispatcherApplication, create_backend_app
    from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends
    from moto.ssm.responses import SimpleSystemManagerResponse
    from werkzeug.serving import WSGIRequestHandler, make_server
except ImportError as missing:
    sys.exit(f"aws_server.py: {missing}; pip install 'moto[server,ssm,ec2,autoscaling,ecr,elbv2,elasticache,iam,acm]==5.2.1'")

moto.iam.models.aws_managed_policies_data = json.dumps(
    {name: said for name, said in json.loads(moto.iam.models.aws_managed_policies_data).items() if name in POLICIES})

ACCOUNT, REGION = "123456789012", "us-east-1"
LOCK = threading.RLock()
CALLS, FAULTS, LIFECYCLE, COMPLETED, KEYS = {}, {}, [], set(), set()

ERRORS = {
    "throttle": (400, "ThrottlingException", "Rate exceeded"),
    "deny": (400, "AccessDeniedException", "User is not authorized to perform this operation"),
    "fail": (500, "InternalServerError", "An internal error occurred"),
    "token": (400, "InvalidNextToken", "The specified token is not valid"),
    "signature": (
        400, "InvalidSignatureException",
        "The Canonical String should have been 'x-amz-security-token:PLANTED-SESSION-TOKEN'"),
}


def lifecycle_action(kind):
    def act(self):
        group, hook = self._get_param("AutoScalingGroupName"), self._get_param("LifecycleHookName")
        instance = self._get_param("InstanceId")
        hooks = self.autoscaling_backend.describe_lifecycle_hooks(group, [hook])
        with LOCK:
            if not hooks or (group, hook, instance) in COMPLETED:
                raise NoAction(instance)
            if kind == "complete":
                COMPLETED.add((group, hook, instance))
            LIFECYCLE.append({
                "action": kind, "hook": hook, "instance": instance,
                "result": self._get_param("LifecycleActionResult")})
        return ActionResult({})

    return act


class NoAction(Exception):
    pass


AutoScalingResponse.complete_lifecycle_action = lifecycle_action("complete")
AutoScalingResponse.record_lifecycle_action_heartbeat = lifecycle_action("heartbeat")


def set_state(instance, state):
    """moto moves instances at once; a hook's wait has to be told. A new wait is a new action."""
    COMPLETED.difference_update({done for done in COMPLETED if done[2] == instance})
    for group in autoscaling_backends[ACCOUNT][REGION].autoscaling_groups.values():
        for known in group.instance_states:
            if known.instance.id == instance:
                known.lifecycle_state = state


def get_parameters_by_path(self, path, recursive, filters=None, next_token=None, max_results=10):
    path = path.rstrip("/") + "/"
    names = sorted(self._parameters.get_keys_beginning_with(path, recursive))
    at = int(next_token or 0)
    for wanted in filters or []:
        if wanted["Key"] == "KeyId":
            names = [n for n in names if self.get_parameter(n).keyid in wanted["Values"]]
    page = [self.get_parameter(name) for name in names[at:at + max_results]]
    return page, str(at + max_results) if at + max_results < len(names) else None


SimpleSystemManagerBackend.get_parameters_by_path = get_parameters_by_path


MOTO_DESCRIBE = SimpleSystemManagerResponse.describe_parameters


def describe_parameters(self):
    filters = self._get_param("ParameterFilters") or []
    if [(f["Key"], f.get("Option")) for f in filters] != [("Path", "Recursive")]:
        return MOTO_DESCRIBE(self)
    known = self.ssm_backend._parameters
    names = sorted({name for path in filters[0]["Values"]
                    for name in known.get_keys_beginning_with(path.rstrip("/") + "/", True)})
    at, most = int(self._get_param("NextToken") or 0), self._get_param("MaxResults", 10)
    page = [self.ssm_backend.get_parameter(name) for name in names[at:at + most]]
    answer = {"Parameters": [p.describe_response_object(False) for p in page]}
    if at + most < len(names):
        answer["NextToken"] = str(at + most)
    return ActionResult(answer)


SimpleSystemManagerResponse.describe_parameters = describe_parameters


def put_many(count, path):
    backend = ssm_backends[ACCOUNT][REGION]
    for i in range(count):
        backend.put_parameter(
            f"{path}/env/P{i:05d}", None, f"value {i} ".ljust(100, "."),
            "SecureString" if i % 10 == 0 else "String", None, None, False, [], "text", None, None)


def operation(environ, body):
    """As IAM spells it: service:Operation; None for what is no API call."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    if not scope:
        return None
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    action = target or parse_qs(body.decode(errors="replace")).get("Action", ["?"])[0]
    return f"{scope.group(1)}:{action}"


def error(environ, start, status, code, message):
    if environ.get("HTTP_X_AMZ_TARGET"):
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    elif "ec2" in environ.get("HTTP_AUTHORIZATION", "").split("/aws4_request")[0]:
        kind = "text/xml"
        body = (f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
                "</Errors><RequestID>0</RequestID></Response>")
    else:
        kind = "text/xml"
        body = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
                f"<Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>")
    data = body.encode()
    start(f"{status} Error", [("Content-Type", kind), ("Content-Length", str(len(data)))])
    return [data]


def fault_of(call):
    with LOCK:
        CALLS[call] = CALLS.get(call, 0) + 1
        fault = FAULTS.get(call)
        if not fault:
            return None
        if fault.get("after", 0) > 0:
            fault["after"] -= 1
            return None
        if "times" in fault:
            if fault["times"] <= 0:
                return None
            fault["times"] -= 1
        return fault["do"]


def undecryptable(body):
    """Whether a page of parameters has one of a key that is denied: SSM refuses the whole page, and names no parameter."""
    asked = json.loads(body)
    page, _ = ssm_backends[ACCOUNT][REGION].get_parameters_by_path(
        asked["Path"], True, asked.get("ParameterFilters"), asked.get("NextToken"), asked.get("MaxResults", 10))
    return asked.get("WithDecryption") and any(p.keyid in KEYS for p in page)


class Application:
    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ, start):
        path = environ.get("PATH_INFO", "")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if path.startswith("/rig/"):
            return self.control(path, body, start)
        call = operation(environ, body)
        fault = fault_of(call) if call else None
        if fault == "hang":
            time.sleep(10)
        elif fault == "drop":
            # The server itself would leave it open.
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("as told")
        elif fault == "empty":
            start("200 OK", [("Content-Length", "0")])
            return []
        elif fault == "elsewhere":
            start("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        elif fault == "garbage":
            environ["werkzeug.socket"].sendall(b"\x16\x03\x01\x02\x00 no HTTP")
            raise ConnectionResetError("as told")
        elif fault:
            return error(environ, start, *ERRORS[fault])
        if KEYS and call == "ssm:GetParametersByPath" and undecryptable(body):
            return error(environ, start, 400, "AccessDeniedException",
                         "User is not authorized to perform: kms:Decrypt on this resource")
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            with LOCK:  # moto changes its lists by making them anew: of two calls at once, one is lost
                return self.moto(environ, start)
        except NoAction as e:
            message = f"No active Lifecycle Action found with instance ID {e}"
            return error(environ, start, 400, "ValidationError", message)

    def control(self, path, body, start):
        with LOCK:
            if path == "/rig/states":
                for instance, state in json.loads(body).items():
                    set_state(instance, state)
            elif path == "/rig/faults":
                FAULTS.clear()
                FAULTS.update(json.loads(body))
            elif path == "/rig/keys":
                KEYS.clear()
                KEYS.update(json.loads(body))
            elif path == "/rig/reset":
                for kept in (CALLS, FAULTS, LIFECYCLE, COMPLETED, KEYS):
                    kept.clear()
                from moto.moto_api._internal.models import moto_api_backend
                moto_api_backend.reset()
            data = json.dumps(LIFECYCLE if path == "/rig/lifecycle" else CALLS).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
        return [data]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--many", nargs=2, metavar=("N", "PATH"))
    parser.add_argument("--exit-with-stdin", action="store_true",
                        help="end when standard input does: dies with the test that started it")
    options = parser.parse_args()
    if options.many:
        put_many(int(options.many[0]), options.many[1])
    server = make_server(
        options.host, options.port, Application(), threaded=True, request_handler=Quiet)
    if options.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print("ready", server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
