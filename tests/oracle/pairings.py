"""Pairing servers, changing pairings and dissolving them."""

from collections.abc import Sequence

from tests.oracle.deciding import Brought, Wanted, bring, sources
from tests.oracle.design import Done, dispose
from tests.oracle.lifecycle import end, go_back, release, send
from tests.oracle.state import Camera, Pairing, Site
from tests.oracle.verdicts import Given, Refusals, Values, repeated

SHAPES = {"SYMMETRIC": "SYMMETRIC_NEEDS_ONE_TO_ONE", "ASYMMETRIC": "ASYMMETRIC_NEEDS_MORE_PRIMARIES"}


def fits(style: str, primaries: int, secondaries: int) -> bool:
    if style == "SYMMETRIC":
        return (primaries, secondaries) == (1, 1)
    return primaries > secondaries >= 1


def size(site: Site, server: str) -> int:
    return sum(1 for _ in sources(site, server))


def choose_homes(site: Site, homes: dict[str, str | None], secondaries: set[str], new: set[str]) -> None:
    """Give each primary without a home the least loaded secondary; `new`: those that were assigned one now."""
    load = {one: size(site, one) for one in secondaries}
    for primary in new:
        load[str(homes[primary])] += size(site, primary)
    homeless = [one for one, home in homes.items() if home is None]
    for primary in sorted(homeless, key=lambda one: (-size(site, one), site.servers[one].name)):
        home = min(secondaries, key=lambda one: (load[one], site.servers[one].name))
        homes[primary] = home
        load[home] += size(site, primary)


def planned(pairing: Pairing, brought: Sequence[tuple[str, Brought]]) -> Values:
    """Homes as they are, or would be, and what became of the cameras."""
    results = [one.result for server, one in brought if server in pairing.homes]
    return {
        "style": pairing.style,
        "homes": dict(pairing.homes),
        "secondaries": set(pairing.secondaries),
        "camerasAdopted": results.count("adopted"),
        "camerasAdded": results.count("added"),
        "camerasMoved": results.count("moved"),
    }


def house(site: Site, cameras: Sequence[Camera]) -> list[tuple[str, Brought]]:
    """See that these cameras have their twins where their servers' homes are."""
    wanted = []
    for one in cameras:
        pairing = site.pairing_of(one.server)
        assert pairing is not None
        wanted.append(Wanted(one, pairing.homes[one.server]))
    return list(zip([one.server for one in cameras], bring(site, wanted, "PAIRING"), strict=True))


def pair_servers(site: Site, given: Given) -> Done:
    refusals = Refusals()
    refusals.add_if(site.mode == "MANUAL", "MODE_MISMATCH")
    refusals.add_if(not site.labeling_complete, "LABELING_INCOMPLETE")
    named: set[str] = set()
    for place, one in enumerate(given["pairings"]):
        may_pair(site, one, ("pairings", str(place)), refusals, named)
    if refusals.found:
        return refusals, {}
    made = [make_pairing(site, one) for one in given["pairings"]]
    cameras = [camera for pairing in made for server in pairing.homes for camera in sources(site, server)]
    brought = house(site, cameras)
    plans = [planned(one, brought) for one in made]
    return refusals, {"pairings": [one.id for one in made], "planned": plans}


def may_pair(site: Site, one: Given, path: tuple[str, ...], refusals: Refusals, named: set[str]) -> None:
    members = {"primaryIds": "PRIMARY", "secondaryIds": "SECONDARY"}
    for key, label in members.items():
        for place, server_id in enumerate(one[key]):
            server = refusals.server(site, server_id, *path, key, str(place))
            if refusals.labelled(server, label, *path, key, str(place)):
                taken = server_id in named or site.pairing_of(server_id)
                refusals.add_if(taken, "SERVER_ALREADY_PAIRED", *path, key, str(place))
            named.add(server_id)
    counts = len(set(one["primaryIds"])), len(set(one["secondaryIds"]))
    refusals.add_if(not fits(one["style"], *counts), SHAPES[one["style"]], *path)
    may_assign(one, set(one["primaryIds"]), set(one["secondaryIds"]), path, refusals)


def may_assign(
    one: Given, primaries: set[str], secondaries: set[str], path: tuple[str, ...], refusals: Refusals
) -> None:
    given = one.get("assignments") or []
    for place in repeated([each["primaryId"] for each in given]):
        refusals.add("INVALID_INPUT", *path, "assignments", str(place), "primaryId")
    for place, each in enumerate(given):
        for key, known in (("primaryId", primaries), ("secondaryId", secondaries)):
            refusals.add_if(each[key] not in known, "INVALID_INPUT", *path, "assignments", str(place), key)


def make_pairing(site: Site, one: Given) -> Pairing:
    given = {each["primaryId"]: each["secondaryId"] for each in one.get("assignments") or []}
    homes = {primary: given.get(primary) for primary in one["primaryIds"]}
    choose_homes(site, homes, set(one["secondaryIds"]), set(given))
    settled = {primary: str(home) for primary, home in homes.items()}
    made = Pairing(site.new_id("g"), one["style"], settled, set(one["secondaryIds"]))
    site.pairings[made.id] = made
    return made


def unpair_servers(site: Site, given: Given) -> Done:
    refusals = Refusals()
    for place, one in enumerate(given["pairingIds"]):
        refusals.add_if(one not in site.pairings, "NOT_FOUND", "pairingIds", str(place))
    if refusals.found:
        return refusals, {}
    for one in dict.fromkeys(given["pairingIds"]):
        pairing = site.pairings[one]
        end_links(site, set(pairing.homes), pairing.members, given.get("twins", "KEEP"))
        del site.pairings[one]
    return refusals, {"pairingIds": set(given["pairingIds"])}


def end_links(site: Site, primaries: set[str], members: set[str], twins: str) -> None:
    """End the links between cameras of these primaries and twins within the pairing."""
    for primary in list(site.cameras.values()):
        twin = site.counterpart(primary) if primary.id in site.cameras else None
        if twin and primary.server in primaries and twin.server in members:
            dispose(site, primary, twin, twins, "PAIRING")


def update_pairing(site: Site, given: Given) -> Done:
    refusals = Refusals()
    if site.mode == "MANUAL":
        refusals.add("MODE_MISMATCH")
        return refusals, {}
    pairing = site.pairings.get(given["pairingId"])
    refusals.add_if(pairing is None, "NOT_FOUND", "pairingId")
    may_change_members(site, pairing, given, refusals)
    if pairing is None:
        return refusals, {}
    after = changed(pairing, given)
    refusals.add_if(
        not fits(after.style, len(after.homes), len(after.secondaries)), SHAPES[after.style], "pairingId"
    )
    may_assign(given, set(after.homes), after.secondaries, (), refusals)
    if refusals.found:
        return refusals, {}
    return refusals, {"pairing": pairing.id, "planned": carry_out(site, pairing, after, given)}


def may_change_members(site: Site, pairing: Pairing | None, given: Given, refusals: Refusals) -> None:
    added: list[str] = []
    for key, label in (("addPrimaryIds", "PRIMARY"), ("addSecondaryIds", "SECONDARY")):
        for place, one in enumerate(given.get(key) or []):
            server = refusals.server(site, one, key, str(place))
            if refusals.labelled(server, label, key, str(place)):
                other = site.pairing_of(one)
                taken = one in added or (other is not None and other is not pairing)
                refusals.add_if(taken, "SERVER_ALREADY_PAIRED", key, str(place))
            added.append(one)
    for key in ("removePrimaryIds", "removeSecondaryIds"):
        for place, one in enumerate(given.get(key) or []):
            refusals.server(site, one, key, str(place))
            refusals.add_if(one in added, "INVALID_INPUT", key, str(place))


def changed(pairing: Pairing, given: Given) -> Pairing:
    """What a pairing comes to; homes that are not settled yet are empty."""
    removed = set(given.get("removePrimaryIds") or ())
    primaries = [one for one in pairing.homes if one not in removed]
    primaries += [one for one in given.get("addPrimaryIds") or () if one not in primaries]
    secondaries = pairing.secondaries - set(given.get("removeSecondaryIds") or ())
    secondaries |= set(given.get("addSecondaryIds") or ())
    assigned = {each["primaryId"]: each["secondaryId"] for each in given.get("assignments") or []}
    homes = {one: assigned.get(one, pairing.homes.get(one, "")) for one in primaries}
    homes = {one: home if home in secondaries else "" for one, home in homes.items()}
    return Pairing(pairing.id, given.get("style") or pairing.style, homes, secondaries)


def carry_out(site: Site, pairing: Pairing, after: Pairing, given: Given) -> Values:
    """Change the members; re-home whose home is another now, and the twins on what was removed."""
    gone = pairing.secondaries - after.secondaries
    homes = {one: home or None for one, home in after.homes.items()}
    assigned = {one for one, home in homes.items() if home and home != pairing.homes.get(one)}
    choose_homes(site, homes, after.secondaries, assigned)
    after.homes = {one: str(home) for one, home in homes.items()}
    moved = {one for one, home in after.homes.items() if home != pairing.homes.get(one)}
    lost = gone if given.get("secondaryLost") else set()
    forget(site, lost)
    added_anew = {one.id for one in site.cameras.values() if one.server in lost and not one.confirmed}
    end_links(site, set(pairing.homes) - set(after.homes), pairing.members, given.get("twins", "KEEP"))
    site.pairings[pairing.id] = after
    cameras = [
        one
        for server in after.homes
        for one in sources(site, server)
        if server in moved or ((twin := site.counterpart(one)) and twin.server in gone)
    ]
    brought = house(site, cameras)
    clear(site, lost)
    for one in list(site.cameras.values()):
        give_turn(site, one)
    values = planned(after, brought)
    anew = sum(one.result == "moved" and one.twin in added_anew for _, one in brought)
    values["camerasAdded"] += anew
    values["camerasMoved"] -= anew
    return values


def clear(site: Site, lost: set[str]) -> None:
    """What is still wanted on a lost recorder, for nowhere else is room for it, comes about there no more."""
    for camera in list(site.cameras.values()):
        if camera.server in lost and not camera.confirmed and not camera.removing:
            other = site.counterpart(camera)
            site.unlink(camera)
            release(site, camera)
            if other:
                release(site, other)


def forget(site: Site, lost: set[str]) -> None:
    """Recorders are lost: nothing is under way there, and nothing of a linked camera is confirmed there."""
    for camera in list(site.cameras.values()):
        actions = [one for one in site.unresolved(camera) if one.target_server in lost]
        for one in actions:
            end(one, "SUPERSEDED", "the recorder is lost")
        linked = site.counterpart(camera)
        if linked and camera.confirmed and camera.confirmed.server in lost:
            camera.confirmed = camera.external_id = None
        if camera.removing and (actions or camera.server in lost):
            site.leave(camera)
        elif actions and not linked and not camera.removing:
            go_back(site, camera, camera.confirmed)


def give_turn(site: Site, camera: Camera) -> None:
    """What waits behind an action that ended has its turn."""
    waiting = site.waiting(camera)
    if waiting and not site.under_way(camera):
        send(site, waiting, camera)
