#!/usr/bin/env python3
"""Makes AWS calls with boto3, so that nothing of ours stands on both sides of a test.

usage: boto.py ENDPOINT

Each line of standard input is a JSON list of [service, method, arguments]; the answer is one line,
a JSON list of the answers, or {"error": …}.
"""
import json
import sys

try:
    import boto3
except ImportError as missing:
    sys.exit(f"boto.py: {missing}; pip install boto3")

clients = {}


def call(service, method, arguments):
    if service not in clients:
        clients[service] = boto3.client(
            service, endpoint_url=sys.argv[1], region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test")
    client = clients[service]
    if client.can_paginate(method) and arguments.pop("EveryPage", False):
        return {"pages": sum(1 for _ in client.get_paginator(method).paginate(**arguments))}
    answer = getattr(client, method)(**arguments)
    answer.pop("ResponseMetadata", None)
    return answer


for line in sys.stdin:
    try:
        answer = [call(*one) for one in json.loads(line)]
    except Exception as e:
        answer = {"error": str(e)}
    print(json.dumps(answer, default=str), flush=True)
