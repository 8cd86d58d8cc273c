"""Tiny functions that show how the embedded cloud runs functions."""

import json
import os
import sys
import time
from typing import Any
from urllib.parse import unquote

import boto3
from botocore.exceptions import ClientError

_COLD = [True]


class Transient(Exception):
    """A state machine retries it by this name."""


class Poisoned(Exception):
    """A state machine catches it by this name."""


def look(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Tell what a function sees of itself."""
    cold, _COLD[0] = _COLD[0], False
    sys.stdout.write(f"looked at {event.get('name', 'nothing')}\n")
    time.sleep(float(event.get("seconds", 0)))
    return {
        "cold": cold,
        "event": event,
        "marker": os.environ["MARKER"],
        "memory": context.memory_limit_in_mb,
        "pid": os.getpid(),
        "remaining_ms": context.get_remaining_time_in_millis(),
        "request_id": context.aws_request_id,
    }


def misbehave(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Fail in the way the event asks for."""
    match event["how"]:
        case "poisoned":
            raise Poisoned("this item is poisoned")
        case "exit":
            os._exit(7)
        case "leave":
            sys.exit(7)
        case "sleep":
            time.sleep(30)
        case "large":
            return {"text": "x" * 7_000_000}
    raise ValueError(event["how"])


def once(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Fail the first time with a transient error, and leave a note, so that a retry shows."""
    s3 = boto3.client("s3")
    bucket, key = os.environ["NOTES"], f"tried/{event['run']}/{event['item']}"
    tried = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount", 0)
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    if not tried:
        raise Transient("try again")
    return {}


def peek(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Try to read and to write an object, and tell what S3 said."""
    s3, where = boto3.client("s3"), {"Bucket": os.environ["NOTES"], "Key": event["key"]}
    said = {}
    for action, attempt in (("get", s3.get_object), ("put", s3.put_object)):
        try:
            attempt(**where)
            said[action] = "ok"
        except ClientError as error:
            said[action] = error.response["Error"]["Code"]
    return said


def take(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Note each event's key as it came; fail the messages whose key says so."""
    s3 = boto3.client("s3")
    failed = []
    for record in event["Records"]:
        detail = json.loads(record["body"])
        key = detail["detail"]["object"]["key"]
        if "poison" in key:
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        note = {
            "key": key,
            "kind": detail["detail-type"],
            "sequencer": detail["detail"]["object"]["sequencer"],
        }
        s3.put_object(
            Bucket=os.environ["NOTES"], Key=f"taken/{record['messageId']}", Body=json.dumps(note).encode()
        )
    return {"batchItemFailures": failed}


def tick(event: dict[str, Any], _context: Any) -> None:
    """Note that the schedule called."""
    s3 = boto3.client("s3")
    s3.put_object(Bucket=os.environ["NOTES"], Key=f"ticked/{time.time_ns()}", Body=json.dumps(event).encode())


def step(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Note what a state machine asks; answer as the execution's name wants (`fail-observe-1`, `busy-2`)."""
    s3, bucket, run, role = boto3.client("s3"), os.environ["NOTES"], event["run_id"], os.environ["ROLE"]
    said = {"role": role, **event}
    s3.put_object(Bucket=bucket, Key=f"{run}/{time.time_ns()}-{role}", Body=json.dumps(said).encode())
    action = event["action"]
    if run.startswith(f"fail-{action}-"):
        raise Poisoned(f"{role} fails to {action}")
    if action == "plan" and run.startswith("busy-"):
        return {"status": "busy", "run_id": run}
    if action == "plan":
        s3.put_object(Bucket=bucket, Key=f"shards/{run}.json", Body=b'[{"prefix": "0"}, {"prefix": "1"}]')
        return {"status": "planned", "run_id": run, "bucket": bucket, "shards_key": f"shards/{run}.json"}
    if action == "count" and run.startswith("nothing-"):
        return {"status": "nothing_new", "run_id": run}
    return {"status": {"count": "counted", "publish": "completed"}.get(action, action), "run_id": run}


def page(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer over HTTP with what was asked."""
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"path": unquote(event["rawPath"]), "query": event.get("queryStringParameters")}),
    }
