"""What is refused of any mutation's input, before its command is asked."""

from dataclasses import replace

from strawberry import ID

from service.api.input_checks import MOST_ITEMS, input_hash
from service.api.link import CameraMappingInput, MapCamerasInput
from service.api.scalars import Revision
from tests.api.rows import Rows
from tests.builders import Api, Json

HEX = "0198c0de0198c0de0198c0de0198c0de"


async def refusals(api: Api, mutation: str, given: Json) -> list[Json]:
    document = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input) {{
        ... on Refused {{ refusals {{ __typename code message path }} }} }} }}"""
    answer: list[Json] = (await api.run(document, {"input": given}))[mutation]["refusals"]
    return answer


async def test_lists_have_1_to_10000_items(api: Api) -> None:
    site, server, other = f"site_{HEX}", f"server_{HEX}", f"pairing_{HEX}"
    wanted: list[tuple[str, Json, list[str]]] = [
        ("registerServers", {"servers": []}, ["servers"]),
        ("labelServers", {"labels": []}, ["labels"]),
        ("pairServers", {"pairings": []}, ["pairings"]),
        ("unpairServers", {"pairingIds": [other] * (MOST_ITEMS + 1)}, ["pairingIds"]),
        ("mapCameras", {"mappings": []}, ["mappings"]),
        ("unmapCameras", {"cameraIds": []}, ["cameraIds"]),
        ("acknowledgeMirroredActions", {"results": []}, ["results"]),
        ("retryMirroredActions", {"actionIds": []}, ["actionIds"]),
        ("abandonMirroredActions", {"actionIds": [], "because": "x"}, ["actionIds"]),
        (
            "pairServers",
            {"pairings": [{"style": "SYMMETRIC", "primaryIds": [], "secondaryIds": [server]}]},
            ["pairings", "0", "primaryIds"],
        ),
    ]
    for mutation, given, path in wanted:
        size = "10,001" if mutation == "unpairServers" else "0"
        message = f"A list takes 1 to 10,000 items; this one has {size}."
        refusal = {"__typename": "GeneralRefusal", "code": "INVALID_INPUT", "message": message, "path": path}
        assert await refusals(api, mutation, {"siteId": site, **given}) == [refusal]


async def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    given = {
        "siteId": f"site_{HEX}",
        "idempotencyKey": "",
        "servers": [{"name": "ok"}, {"name": "a\0b", "externalId": "\0"}],
    }
    assert [(one["code"], one["path"]) for one in await refusals(api, "registerServers", given)] == [
        ("INVALID_INPUT", ["idempotencyKey"]),
        ("INVALID_INPUT", ["servers", "1", "name"]),
        ("INVALID_INPUT", ["servers", "1", "externalId"]),
    ]


async def test_an_idempotency_key_has_1_to_200_characters(api: Api) -> None:
    message = "An idempotency key has 1 to 200 characters."
    for key in ("", "k" * 201):
        (refusal,) = await refusals(api, "createSite", {"name": "Depot", "idempotencyKey": key})
        assert (refusal["message"], refusal["path"]) == (message, ["idempotencyKey"])


async def test_a_site_that_does_not_exist_is_refused(api: Api, rows: Rows) -> None:
    for site_id in (f"site_{HEX}", f"server_{rows.site_id.hex}"):
        (refusal,) = await refusals(api, "setMode", {"siteId": site_id, "mode": "MANUAL"})
        assert (refusal["code"], refusal["path"]) == ("NOT_FOUND", ["siteId"])


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


def test_the_hash_is_of_what_is_asked_not_how() -> None:
    item = CameraMappingInput(camera_id=ID("camera_1"), secondary_server_id=ID("server_1"))
    plain = MapCamerasInput(site_id=ID("site_1"), mappings=[item])
    same = replace(plain, idempotency_key="k", if_revision=Revision(5), dry_run=True)
    other = replace(plain, site_id=ID("site_2"))

    assert input_hash(plain) == input_hash(same)
    assert input_hash(plain) != input_hash(other)
    assert len(input_hash(plain)) == 32
