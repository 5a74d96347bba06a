"""Drives a recorder from the stream of mirrored actions; copy this file, and write the function that applies.

    python connector.py http://HOST:PORT/graphql module:function SITE_ID SERVER_ID...

The function gets an action with the fields of ACTION, and returns the recorder's own id of the device, or None. It
must be idempotent by what the recorder holds (hardware and channel), not by memory: after a crash the same action
comes again. An OSError (no connection, no answer in time) means that nobody knows the outcome: the action stays
QUEUED and is tried again. Any other exception is the recorder's own word: the action is FAILED with it.

Nothing is kept on disk, so this can be killed at any time. One action is carried out at a time, in order: run one
such process per recorder, and never two for the same. It needs nothing but Python's own library.
"""

import json
import logging
import pkgutil
import random
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

TOGETHER = 50  # actions that are read, and acknowledged, at once
# Seconds of work after which what was read may have been superseded: it is read again. And what is BLOCKED behind an
# action waits for its acknowledgement.
FRESH = 2.0
SILENCE = 60.0  # seconds: a sign of life comes every 15
LONGEST_PAUSE = 30.0
FINAL = {"NOT_FOUND", "INVALID_INPUT", "BAD_REQUEST", "UNAUTHENTICATED", "FORBIDDEN"}

ACTION = """{
  id position status action direction because attempts targetServer { id name } targetFromServer { id name }
  device { name channel externalId storageProfile hardware { macAddress address manufacturer model } }
  previousHardware { macAddress address }
}"""
LOOK = f"""query ($siteId: ID!, $size: Int!, $filter: MirroredActionFilter) {{
  answer: site(id: $siteId) {{ revision epoch mirroredActions(first: $size, filter: $filter) {{ nodes {ACTION} }} }}
}}"""
FOLLOW = f"""subscription ($siteId: ID!, $after: Revision!, $epoch: ID!, $size: Int!, $filter: MirroredActionFilter) {{
  answer: mirroredActions(siteId: $siteId, after: $after, epoch: $epoch, batchSize: $size, filter: $filter) {{
    ... on MirroredActionBatch {{ previousPosition position actions {ACTION} }}
    ... on FeedReset {{ message }}
    ... on Refused {{ refusals {{ code message }} }}
  }}
}}"""
ACKNOWLEDGE = """mutation ($input: AcknowledgeMirroredActionsInput!) {
  answer: acknowledgeMirroredActions(input: $input) {
    ... on MirroredActionsAcknowledged { accepted rejected { actionId message } }
    ... on Refused { refusals { code message } }
  }
}"""

Json = dict[str, Any]
Apply = Callable[[Json], str | None]
log = logging.getLogger("connector")


class StoppedError(Exception):
    """The service says no, and would say so again."""


def run(url: str, apply: Apply, site_id: str, server_ids: Sequence[str]) -> None:
    """Carry out and acknowledge until the service says no; after whatever else goes wrong, look again."""
    failures = 0
    while True:
        try:
            with closing(queued(url, site_id, server_ids)) as batches:
                for actions in batches:
                    carry_out(url, apply, site_id, actions)
                    failures = 0
        except (OSError, HTTPException, json.JSONDecodeError) as error:
            log.warning("Looking again: %r", error)
        failures = min(failures + 1, 7)
        time.sleep(min(LONGEST_PAUSE, 2**failures / 4) * random.uniform(0.5, 1))  # noqa: S311 - no secret


def queued(url: str, site_id: str, server_ids: Sequence[str]) -> Generator[list[Json], None, None]:
    """Yield what is QUEUED for the servers: what is so already, then what becomes so, in order."""
    asked = {"siteId": site_id, "size": TOGETHER, "filter": {"targetServerIds": server_ids}}
    while True:
        site = ask(url, LOOK, asked | {"filter": {"targetServerIds": server_ids, "statuses": ["QUEUED"]}})
        if actions := site["mirroredActions"]["nodes"]:
            yield sorted(actions, key=lambda action: action["position"])
            continue
        worked = 0.0
        with closing(stream(url, asked | {"after": site["revision"], "epoch": site["epoch"]})) as batches:
            while worked < FRESH:
                latest = {action["id"]: action for action in next(batches)}.values()
                begun = time.monotonic()
                yield [action for action in latest if action["status"] == "QUEUED"]
                worked += time.monotonic() - begun


def stream(url: str, asked: Json) -> Generator[list[Json], None, None]:
    """Yield the batches that follow `after` without a gap, as server-sent events; OSError when they end."""
    position = asked["after"]
    with urlopen(request(url, FOLLOW, asked, "text/event-stream"), timeout=SILENCE) as lines:
        for line in lines:
            name, _, value = line.partition(b": ")
            if name == b"data" and value.strip():
                feed = answer_of(json.loads(value))
                if feed.get("previousPosition") != position:  # a FeedReset has none
                    raise ConnectionError(feed.get("message", "A batch is missing."))
                position = feed["position"]
                yield feed["actions"]
    raise ConnectionError("The stream has ended, as when a replica stops.")


def carry_out(url: str, apply: Apply, site_id: str, actions: Sequence[Json]) -> None:
    """Apply one by one what is fresh, and acknowledge it together; to tell an outcome twice does no harm."""
    results: list[Json] = []
    begun = time.monotonic()
    try:
        for action in actions:
            if time.monotonic() - begun > FRESH:
                break  # the rest is QUEUED still, if it is: it is read again
            results.append({"actionId": action["id"]} | outcome(action, apply))
    finally:
        if results:
            answer = ask(url, ACKNOWLEDGE, {"input": {"siteId": site_id, "results": results}})
            for item in answer["rejected"]:
                log.warning("Not accepted of %s: %s", item["actionId"], item["message"])


def outcome(action: Json, apply: Apply) -> Json:
    """Have the recorder do it, and say what came of it; OSError when that is not known."""
    try:
        return {"outcome": "APPLIED", "externalId": apply(action)}
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the recorder says
        return {"outcome": "FAILED", "error": str(error) or repr(error)}


def ask(url: str, document: str, variables: Json) -> Json:
    """Execute a query or a mutation and return its answer."""
    with urlopen(request(url, document, variables, "application/json"), timeout=SILENCE) as response:
        return answer_of(json.load(response))


def request(url: str, document: str, variables: Json, accepted: str) -> Request:
    """Put an operation into a request."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    return Request(url, body, {"Content-Type": "application/json", "Accept": accepted})


def answer_of(told: Json) -> Json:
    """Return the answer. OSError: a fault or refusal that passes; StoppedError: one that does not."""
    answer: Json | None = (told.get("data") or {}).get("answer")
    said = [(one.get("extensions", {}).get("code"), one["message"]) for one in told.get("errors", ())]
    said += [(one["code"], one["message"]) for one in (answer or {}).get("refusals", ())]
    if answer is None and not said:
        said = [("NOT_FOUND", "There is no such site (any more).")]
    if said or answer is None:
        kind = StoppedError if FINAL & {code for code, _ in said} else ConnectionError
        raise kind(" ".join(sentence for _, sentence in said))
    return answer


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(message)s")
    address, function, site, *servers = sys.argv[1:]
    try:
        run(address, pkgutil.resolve_name(function), site, servers)
    except StoppedError as stopped:
        sys.exit(str(stopped))
