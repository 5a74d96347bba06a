"""What is told of an input as it was given, and what of it an idempotency key stands for."""

from dataclasses import replace
from typing import Any

from strawberry import ID

from service.api.input_checks import input_hash
from service.api.link import CameraMappingInput, MapCamerasInput
from service.api.scalars import Revision
from service.api.server import ServerUpdateInput, UpdateServersInput
from tests.api.rows import Rows
from tests.builders import Api, Json

HEX = "0198c0de0198c0de0198c0de0198c0de"


async def test_what_is_wrong_is_told_in_sentences(api: Api) -> None:
    given = {"name": "a\0b", "idempotencyKey": ""}
    document = """mutation ($input: CreateSiteInput!, $empty: LabelServersInput!) {
        createSite(input: $input) { ... on Refused { refusals { message } } }
        long: createSite(input: { name: "%s" }) { ... on Refused { refusals { message } } }
        labelServers(input: $empty) { ... on Refused { refusals { message } } } }"""
    document = document.replace("%s", "a" * 10_001)
    variables = {"input": given, "empty": {"siteId": f"site_{HEX}", "labels": []}}
    data = await api.run(document, variables)
    assert [one["message"] for answer in data.values() for one in answer["refusals"]] == [
        "A text must not contain the character NUL.",
        "An idempotency key has 1 to 200 characters.",
        "A text has at most 10,000 characters; this one has 10,001.",
        "A list takes 1 to 10,000 items; this one has 0.",
    ]


async def test_a_rejected_item_keeps_the_name_that_it_was_given(api: Api, rows: Rows) -> None:
    named = [f"camera_{HEX}", f"action_{HEX}"]
    given = {"siteId": f"site_{rows.site_id.hex}", "actionIds": named}
    document = """mutation ($input: RetryMirroredActionsInput!) { retryMirroredActions(input: $input) {
        ... on MirroredActionsRetried { accepted rejected { actionId status } } } }"""
    assert await api.run(document, {"input": given}) == {
        "retryMirroredActions": {
            "accepted": 0,
            "rejected": [{"actionId": one, "status": None} for one in named],
        }
    }


def test_where_null_clears_the_hash_knows_it_from_what_is_not_given() -> None:
    def hashed(**given: Any) -> bytes:
        item = ServerUpdateInput(server_id=ID("server_1"), **given)
        return input_hash(UpdateServersInput(site_id=ID("site_1"), servers=[item]))

    given: list[Json] = [
        {},
        {"address": None},
        {"address": "a"},
        {"name": None},
        {"address": None, "name": None},
    ]
    assert len({hashed(**one) for one in given}) == len(given)


def test_the_hash_is_of_what_is_asked_not_how() -> None:
    item = CameraMappingInput(camera_id=ID("camera_1"), secondary_server_id=ID("server_1"))
    plain = MapCamerasInput(site_id=ID("site_1"), mappings=[item])
    same = replace(plain, idempotency_key="k", if_revision=Revision(5), dry_run=True)
    other = replace(plain, site_id=ID("site_2"))

    assert input_hash(plain) == input_hash(same)
    assert input_hash(plain) != input_hash(other)
    assert len(input_hash(plain)) == 32
