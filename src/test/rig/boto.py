#!/usr/bin/env python3
"""Makes AWS calls with boto3, so that nothing of ours stands on both sides of a test.

usage: boto.py ENDPOINT < CALLS

CALLS is a JSON list of [service, method, arguments]; prints a JSON list of the answers.
"""
import json
import sys

try:
    import boto3
except ImportError as missing:
    sys.exit(f"boto.py: {missing}; pip install boto3")

clients = {}
answers = []
for service, method, arguments in json.load(sys.stdin):
    if service not in clients:
        clients[service] = boto3.client(
            service, endpoint_url=sys.argv[1], region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test")
    answer = getattr(clients[service], method)(**arguments)
    answer.pop("ResponseMetadata", None)
    answers.append(answer)
json.dump(answers, sys.stdout, default=str)
