"""Acknowledging, retrying and abandoning: items are judged one by one."""

from collections.abc import Callable

from tests.oracle.design import Done
from tests.oracle.lifecycle import abandon, acknowledge, retry
from tests.oracle.state import Camera, Site, taken
from tests.oracle.state import Place as At
from tests.oracle.verdicts import Given, Refusals, trimmed

Rejected = list[tuple[str, str | None]]


def judged(site: Site, ids: list[str], judge: Callable[[int], bool]) -> Done:
    """Say how many were accepted, and where the others stood when their turn to be judged came."""
    rejected: Rejected = []
    for place, one in enumerate(ids):
        action = site.actions.get(one)
        status = action.status if action else None
        if not judge(place):
            rejected.append((one, status))
    return Refusals(), {"accepted": len(ids) - len(rejected), "rejected": rejected}


def acknowledge_all(site: Site, given: Given) -> Done:
    before = site.copy()

    def judge(place: int) -> bool:
        one = given["results"][place]
        action, error = site.actions.get(one["actionId"]), trimmed(one.get("error"))
        return acknowledge(site, action, one["outcome"], error, trimmed(one.get("externalId")))

    done = judged(site, [one["actionId"] for one in given["results"]], judge)
    know_ids(site, before)
    return done


def know_ids(site: Site, before: Site) -> None:
    """What is sent says the recorder's own id as all of the call leaves it: a later item may have taken it."""
    for key, action in site.actions.items():
        was = before.actions.get(key)
        if action.status == "QUEUED" and (was is None or was.attempts < action.attempts):
            camera = site.cameras[str(action.target)]
            known = camera.external_id if camera.owner == action.target_server else None
            action.device = action.device._replace(external_id=known)


def retry_all(site: Site, given: Given) -> Done:
    ids = given["actionIds"]
    return judged(site, ids, lambda place: retry(site, site.actions.get(ids[place])))


def abandon_all(site: Site, given: Given) -> Done:
    """Those that cannot go back, for their place is taken, are left out; the others are tried again without."""
    refusals = Refusals()
    note = given["because"].strip()
    refusals.add_if(not note, "INVALID_INPUT", "because")
    if refusals.found:
        return refusals, {}
    refused: set[int] = set()
    while True:
        trial = site.copy()
        gone_back = try_to_abandon(trial, given["actionIds"], note, refused)
        stuck = in_the_way(trial, gone_back)
        if not stuck:
            break
        refused.add(stuck[-1])
    try_to_abandon(site, given["actionIds"], note, refused)
    return judged(site, given["actionIds"], lambda place: place in gone_back)


def try_to_abandon(site: Site, ids: list[str], note: str, but: set[int]) -> dict[int, Camera]:
    """Abandon all but some; returns which gave up what, by place in the input."""
    done = {}
    for place, one in enumerate(ids):
        camera = None if place in but else abandon(site, site.actions.get(one), note)
        if camera:
            done[place] = camera
    return done


def in_the_way(site: Site, gone_back: dict[int, Camera]) -> list[int]:
    """Where cameras went back to what another camera holds: first those that collide with one that stayed."""
    moved = {camera.id for camera in gone_back.values()}
    stuck, with_stayed = [], []
    for place, camera in gone_back.items():
        if camera.id in site.cameras:
            back = At(camera.server, camera.hardware)
            if taken(site, back, camera.channel, camera):
                stuck.append(place)
                others = (site.cameras[one] for one in moved & site.cameras.keys())
                with_stayed += [place] if taken(site, back, camera.channel, *others) else []
    return with_stayed or stuck


JUDGED = {
    "acknowledgeMirroredActions": acknowledge_all,
    "retryMirroredActions": retry_all,
    "abandonMirroredActions": abandon_all,
}
