"""The process that Lambda processes are forked from refuses what the system has no room for, and goes on."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from infra.local.server.zygote import FILES, REFUSED, serve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks under Linux alone")


@pytest.fixture
def line() -> Iterator[socket.socket]:
    """The server's end of a line to a zygote."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    zygote = Thread(target=serve, args=(theirs,))
    zygote.start()
    with theirs, ours:
        ours.settimeout(10)
        yield ours
        ours.close()
        zygote.join(10)
        assert not zygote.is_alive()


def ask(line: socket.socket, files: int) -> bytes:
    with Path(os.devnull).open() as null:
        socket.send_fds(line, [b"{}"], [null.fileno()] * files)
    return line.recv(16)


def no_room() -> int:
    raise BlockingIOError


def never() -> int:
    raise AssertionError


@pytest.mark.parametrize(("files", "fork"), [(FILES, no_room), (FILES - 1, never)])
def test_what_there_is_no_room_for_is_refused_and_the_next_one_heard(
    line: socket.socket, monkeypatch: pytest.MonkeyPatch, files: int, fork: Callable[[], int]
) -> None:
    monkeypatch.setattr(os, "fork", fork)

    assert ask(line, files) == REFUSED
    assert ask(line, files) == REFUSED
