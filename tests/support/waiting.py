"""How long tests wait, and how: for what can be seen, never for a time."""

import time

# Seconds for what takes one on an idle machine. Tests share theirs with others, and a busy machine is no finding.
PATIENCE = 120


def until(seconds, what, attempt):
    """Calls `attempt` until it gives something true; AssertionError with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        result = attempt()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.005)
