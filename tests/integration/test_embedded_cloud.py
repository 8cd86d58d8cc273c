"""The embedded cloud behaves as Lambda, SQS, EventBridge and Step Functions do where we lean on them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local import server_process
from infra.local.endpoints import function_url
from infra.pinned import ROOT
from tests.integration.probe_cloud import ProbeCloud
from tests.integration.waiting import alive, eventually

pytestmark = pytest.mark.cloud

AWKWARD_KEYS = ["a b.jpg", "a+b.jpg", "50%20off.jpg", "100%.jpg", "日本/写真 1.jpg", "été&co.jpg"]


def invoke(cloud: ProbeCloud, function: str, **event: Any) -> Any:
    reply = cloud.client("lambda").invoke(
        FunctionName=cloud.outputs[function], Payload=json.dumps(event).encode()
    )
    return json.loads(reply["Payload"].read())


def notes(cloud: ProbeCloud, prefix: str) -> list[Any]:
    s3, bucket = cloud.client("s3"), cloud.outputs["Notes"]
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [
        json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() or b"null") for item in found
    ]


def run_machine(cloud: ProbeCloud, how: str, items: list[int]) -> dict[str, Any]:
    cloud.client("s3").put_object(
        Bucket=cloud.outputs["Notes"], Key="items.json", Body=json.dumps(items).encode()
    )
    states = cloud.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=cloud.outputs["Machine"],
        input=json.dumps({"bucket": cloud.outputs["Notes"], "key": "items.json", "how": how}),
    )

    def ended() -> dict[str, Any] | None:
        execution: dict[str, Any] = states.describe_execution(executionArn=started["executionArn"])
        return None if execution["status"] == "RUNNING" else execution

    execution = eventually(ended, seconds=40)
    assert execution is not None, "the execution did not end"
    return execution


def test_a_function_starts_cold_once_and_is_reused_warm(probes: ProbeCloud) -> None:
    first = invoke(probes, "Look", name="one")
    second = invoke(probes, "Look", name="two")

    assert second["pid"] == first["pid"]
    assert not second["cold"]
    assert second["request_id"] != first["request_id"]
    assert second["event"] == {"name": "two"}


def test_a_function_sees_its_own_environment_memory_and_deadline(probes: ProbeCloud) -> None:
    seen = invoke(probes, "Look")

    assert seen["marker"] == "first"
    assert seen["memory"] == "256"
    assert 3_000 < seen["remaining_ms"] <= 5_000


def test_a_burst_waits_for_a_few_processes_instead_of_starting_many(probes: ProbeCloud) -> None:
    with ThreadPoolExecutor(12) as callers:
        seen = list(callers.map(lambda n: invoke(probes, "Look", seconds=0.2, name=n), range(12)))

    assert 1 < len({one["pid"] for one in seen}) <= 3
    assert {one["event"]["name"] for one in seen} == set(range(12))


@pytest.mark.parametrize(
    ("function", "how", "error"),
    [
        ("Misbehave", "poisoned", "Poisoned"),
        ("Misbehave", "sleep", "Sandbox.Timedout"),
        ("Misbehave", "exit", "Runtime.ExitError"),
        ("Misbehave", "leave", "Runtime.ExitError"),
        ("Misbehave", "large", "Function.ResponseSizeTooLarge"),
        ("Broken", "", "Runtime.ImportModuleError"),
    ],
)
def test_an_error_keeps_its_name(probes: ProbeCloud, function: str, how: str, error: str) -> None:
    assert invoke(probes, function, how=how)["errorType"] == error


def test_a_function_that_failed_works_again_after_it(probes: ProbeCloud) -> None:
    for how in ("sleep", "exit"):
        invoke(probes, "Misbehave", how=how)
        assert invoke(probes, "Misbehave", how="poisoned")["errorType"] == "Poisoned"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("open/note", {"get": "ok", "put": "AccessDenied"}),
        ("closed/note", {"get": "AccessDenied", "put": "AccessDenied"}),
    ],
)
def test_a_function_may_do_what_its_policy_allows_and_no_more(
    probes: ProbeCloud, key: str, said: dict[str, str]
) -> None:
    probes.client("s3").put_object(Bucket=probes.outputs["Notes"], Key=key, Body=b"1")

    assert invoke(probes, "Peek", key=key) == said


def test_logs_are_kept_in_cloudwatch_and_in_files(probes: ProbeCloud) -> None:
    invoke(probes, "Look", name="a photo of a boat")

    group = f"/aws/lambda/{probes.outputs['Look']}"
    events = probes.client("logs").filter_log_events(logGroupName=group)["events"]
    assert any("looked at a photo of a boat" in event["message"] for event in events)
    files = (probes.data / "logs" / probes.outputs["Look"]).glob("*.log")
    assert any("looked at a photo of a boat" in file.read_text() for file in files)


def test_a_map_retries_by_class_and_a_machine_catches_by_class(probes: ProbeCloud) -> None:
    execution = run_machine(probes, "poisoned", [1, 2, 3])

    assert execution["status"] == "FAILED"
    assert execution["error"] == "Poisoned"
    assert "this item is poisoned" in execution["cause"]
    tried = probes.client("s3").list_objects_v2(Bucket=probes.outputs["Notes"], Prefix="tried/")
    assert tried["KeyCount"] == 3


def test_a_machine_catches_a_timeout(probes: ProbeCloud) -> None:
    execution = run_machine(probes, "sleep", [])

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["error"]["Error"] == "Sandbox.Timedout"


def test_keys_arrive_raw_and_deletions_too(probes: ProbeCloud) -> None:
    s3, drop = probes.client("s3"), probes.outputs["Drop"]
    for key in AWKWARD_KEYS:
        s3.put_object(Bucket=drop, Key=key, Body=b"x")
    s3.delete_object(Bucket=drop, Key=AWKWARD_KEYS[0])

    taken = eventually(lambda: found if len(found := notes(probes, "taken/")) > len(AWKWARD_KEYS) else None)

    assert taken is not None, "not every event arrived"
    created = {note["key"] for note in taken if note["kind"] == "Object Created"}
    assert created >= set(AWKWARD_KEYS)
    ours = sorted(
        (note for note in taken if note["key"] == AWKWARD_KEYS[0]), key=lambda note: note["sequencer"]
    )
    assert [note["kind"] for note in ours] == ["Object Created", "Object Deleted"]


def test_photos_deleted_many_at_once_tell_of_each(probes: ProbeCloud) -> None:
    s3, drop = probes.client("s3"), probes.outputs["Drop"]
    many = {f"many/é {number}+1.jpg" for number in range(7)}
    for key in many:
        s3.put_object(Bucket=drop, Key=key, Body=b"x")

    answer = s3.delete_objects(Bucket=drop, Delete={"Objects": [{"Key": key} for key in many]})

    def told() -> set[str]:
        return {note["key"] for note in notes(probes, "taken/") if note["kind"] == "Object Deleted"}

    assert {deleted["Key"] for deleted in answer["Deleted"]} == many
    assert eventually(lambda: many <= told()), many - told()
    assert not s3.list_objects_v2(Bucket=drop, Prefix="many/")["KeyCount"]


def test_a_poisoned_message_ends_in_the_dead_letter_queue_and_the_others_do_not(probes: ProbeCloud) -> None:
    s3, drop = probes.client("s3"), probes.outputs["Drop"]
    mine = {"fine/1.jpg", "fine/2.jpg"}
    for key in sorted(mine | {"fine/1 poison.jpg"}):
        s3.put_object(Bucket=drop, Key=key, Body=b"x")

    sqs, url = probes.client("sqs"), probes.outputs["DeadLetters"]
    dead = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), seconds=40)

    assert dead, "nothing came to the dead-letter queue"
    assert [json.loads(message["Body"])["detail"]["object"]["key"] for message in dead] == [
        "fine/1 poison.jpg"
    ]
    assert mine <= {note["key"] for note in notes(probes, "taken/")}


def test_a_schedule_fires(probes: ProbeCloud) -> None:
    assert {"asked_by": "schedule"} in eventually(lambda: notes(probes, "ticked/"), seconds=75)


def test_a_function_url_answers_in_its_path_form(probes: ProbeCloud) -> None:
    address = function_url(probes.endpoint, probes.outputs["Page"])

    with urllib.request.urlopen(f"{address}api/photos?q=red%20boat") as reply:
        assert json.load(reply) == {"path": "/api/photos", "query": {"q": "red boat"}}


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "rebound.example"}, {"Origin": "null"}]
)
def test_a_page_from_elsewhere_is_refused(probes: ProbeCloud, headers: dict[str, str]) -> None:
    request = urllib.request.Request(f"{probes.endpoint}/{probes.outputs['Drop']}", headers=headers)

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_a_page_of_this_machine_is_let_in_where_its_address_is_signed(probes: ProbeCloud) -> None:
    s3, where = probes.client("s3"), {"Bucket": probes.outputs["Notes"], "Key": "a note+1 50%.txt"}
    s3.put_object(**where, Body=b"hello")
    address = s3.generate_presigned_url("get_object", Params=where)
    headers = {"Origin": "http://127.0.0.1:8000"}

    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as reply:
        assert reply.read() == b"hello"
    for wrong in (address.partition("?")[0], address.replace("Signature=", "Signature=0")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(wrong, headers=headers))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of sockets")
def test_nothing_listens_beyond_the_loopback_address(probes: ProbeCloud) -> None:
    pid = invoke(probes, "Look")["pid"]

    addresses = listening(probes.pid) | listening(pid)

    assert addresses
    assert all(address.startswith("127.") for address in addresses)


def listening(pid: int) -> set[str]:
    """The addresses a process listens on (IPv4 dotted, others as Linux writes them)."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[9] in inodes and columns[3] in ("0A", "07"):
                host = columns[1].partition(":")[0]
                octets = [str(int(host[i : i + 2], 16)) for i in (6, 4, 2, 0)] if len(host) == 8 else [host]
                found.add(".".join(octets))
    return found


def test_state_survives_a_kill(start_probes: Callable[[], ProbeCloud]) -> None:
    cloud = start_probes()
    s3, drop = cloud.client("s3"), cloud.outputs["Drop"]
    s3.put_object(Bucket=drop, Key="before.jpg", Body=b"before")
    time.sleep(3)
    s3.put_object(Bucket=drop, Key="just now.jpg", Body=b"just now")

    os.kill(cloud.pid, signal.SIGKILL)
    eventually(lambda: server_process.owner(cloud.data) is None)
    cloud.start_again()

    for key, body in (("before.jpg", b"before"), ("just now.jpg", b"just now")):
        assert s3.get_object(Bucket=drop, Key=key)["Body"].read() == body
    assert invoke(cloud, "Look", name="after")["cold"]
    s3.put_object(Bucket=drop, Key="after.jpg", Body=b"after")
    assert eventually(lambda: "after.jpg" in {note["key"] for note in notes(cloud, "taken/")})
    cloud.deploy(Marker="second")
    assert invoke(cloud, "Look")["marker"] == "second"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_functions_end_with_the_server(start_probes: Callable[[], ProbeCloud], sign: signal.Signals) -> None:
    cloud = start_probes()
    waiting = invoke(cloud, "Look")["pid"]

    with ThreadPoolExecutor(1) as callers:
        working = callers.submit(
            cloud.client("lambda").invoke,
            FunctionName=cloud.outputs["Misbehave"],
            Payload=b'{"how": "sleep"}',
        )
        time.sleep(0.5)
        os.kill(cloud.pid, sign)
        working.exception(timeout=30)

    assert eventually(lambda: not alive(waiting))
    assert eventually(lambda: not alive(cloud.pid))
    assert eventually(lambda: server_process.owner(cloud.data) is None)


@pytest.mark.skipif(sys.platform != "linux", reason="functions are forked on Linux alone")
def test_functions_start_after_the_process_they_are_forked_from_died(probes: ProbeCloud) -> None:
    before = invoke(probes, "Look")["pid"]

    os.kill(parent(before), signal.SIGKILL)

    assert eventually(lambda: invoke(probes, "Look")["pid"] != before)
    assert invoke(probes, "Misbehave", how="poisoned")["errorType"] == "Poisoned"
    assert not alive(before)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_two_servers_never_share_a_directory(probes: ProbeCloud) -> None:
    command = [
        str(server_process.install.SERVER.python),
        "-m",
        "infra.local.server",
        "--port",
        "1",
        "--limit",
        "1",
    ]
    places = ["--data", str(probes.data), "--code", str(ROOT), "--python", sys.executable]

    second = subprocess.run([*command, *places], cwd=ROOT, capture_output=True, text=True, check=False)

    assert second.returncode == 1
    assert "Another embedded cloud uses" in second.stderr


def test_only_the_owner_of_the_lock_is_ever_stopped(tmp_path: Path) -> None:
    (tmp_path / "server.lock").write_text(str(os.getpid()))

    assert server_process.owner(tmp_path) is None
    assert not server_process.stop(tmp_path)
