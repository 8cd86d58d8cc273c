"""The first thing a Lambda process runs: tie its life to the server's, then become `awslambdaric`.

Standard input is a pipe whose other end only the server holds. When the server ends, however it ends, the
pipe closes and this process takes its whole group with it. (`PR_SET_PDEATHSIG` would follow the thread that
started the process, not the server, and exists on Linux alone.)
"""

import os
import signal
import sys
import threading


def _die_with_the_server() -> None:
    while os.read(0, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Watch the server, then poll its Runtime API for the handler named on the command line."""
    threading.Thread(target=_die_with_the_server, daemon=True, name="lifeline").start()
    from awslambdaric.__main__ import main as poll

    poll(sys.argv)


if __name__ == "__main__":
    main()
