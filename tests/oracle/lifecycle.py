"""The life of mirrored actions: always made from what is confirmed to what is wanted, when their turn comes."""

from typing import NamedTuple

from tests.oracle.state import Action, Camera, Device, Hardware, Place, Site, held, same_device, taken


class Goal(NamedTuple):
    """What makes the recorder equal to what is wanted."""

    action: str
    place: Place
    left: str | None = None
    previous: Hardware | None = None


class Wish(NamedTuple):
    """Why something is to be done: the fact or the choice behind it."""

    direction: str
    cause: str
    source_server: str | None
    source: str | None


def removal_place(camera: Camera) -> Place:
    """Where a DELETE is to be done: what is confirmed, else what was asked for last."""
    return camera.confirmed or camera.asked or Place(camera.server, camera.hardware)


def goal(camera: Camera) -> Goal | None:
    """Tell what is left to do; null: nothing."""
    wanted, confirmed = Place(camera.server, camera.hardware), camera.confirmed
    if camera.removing:
        return Goal("DELETE", removal_place(camera))
    if confirmed is None:
        return Goal("ADD", wanted)
    if confirmed.server != camera.server:
        return Goal("MOVE", wanted, left=confirmed.server)
    if not same_device(confirmed.hardware, camera.hardware):
        return Goal("REPLACE", wanted, previous=confirmed.hardware)
    return None


def new_action(site: Site, wish: Wish, action: str, status: str, device: Device) -> Action:
    made = Action(
        site.new_id("a"), action, wish.direction, wish.cause, status, wish.source_server, wish.source, device
    )
    site.actions[made.id] = made
    return made


def end(action: Action, status: str, note: str) -> None:
    action.status, action.note, action.blocked = status, note, None


def supersede(site: Site, camera: Camera, *statuses: str) -> None:
    for one in site.unresolved(camera):
        if one.status in statuses:
            end(one, "SUPERSEDED", "overtaken")


def show(action: Action, camera: Camera, todo: Goal) -> None:
    """Write into an action what is to be done."""
    external_id = camera.external_id if camera.owner == todo.place.server else None
    action.device = Device(camera.name, camera.channel, todo.place.hardware, external_id)
    action.target, action.target_server = camera.id, todo.place.server
    action.left, action.previous = todo.left, todo.previous


def send(site: Site, action: Action, camera: Camera) -> None:
    """Give an action its turn: it is made anew and QUEUED, or ends where nothing is left to do."""
    todo = goal(camera)
    action.target, action.blocked = camera.id, None
    if todo is None:
        show(action, camera, Goal(action.action, Place(camera.server, camera.hardware)))
        return end(action, "SUPERSEDED", "nothing left to do")
    if todo.action == "DELETE" and taken(site, todo.place, camera.channel, camera):
        # Another camera is wanted in that very place: what stands there is its device.
        end(action, "SUPERSEDED", "another is wanted there")
        return site.leave(camera)
    show(action, camera, todo)
    action.action, action.status, action.attempts = todo.action, "QUEUED", action.attempts + 1
    action.error = action.note = action.outcome = None
    if todo.action == "DELETE":
        camera.server, camera.hardware = todo.place
    else:
        camera.asked = todo.place
    return None


def wish(site: Site, camera: Camera, kind: str, why: Wish) -> Action:
    """Take up a new wish for a camera: it is sent, or waits behind what is under way."""
    ahead = site.under_way(camera)
    supersede(site, camera, "FAILED", "BLOCKED")
    device = Device(camera.name, camera.channel, camera.hardware, camera.shown_external_id)
    made = new_action(site, why, kind, "BLOCKED", device)
    made.target, made.target_server = camera.id, camera.server
    if ahead is None:
        send(site, made, camera)
    elif kind == "DELETE" and ahead.action == "DELETE":
        end(made, "SUPERSEDED", "its removal is under way")
    else:
        wait(made, camera, ahead)
    return made


def wait(made: Action, camera: Camera, ahead: Action) -> None:
    """Let an action wait; it shows what it comes to if the one ahead is applied."""
    made.blocked = "PREDECESSOR"
    after = Place(str(ahead.target_server), ahead.device.hardware)
    wanted = Place(camera.server, camera.hardware)
    left = after.server if made.action == "MOVE" else None
    previous = after.hardware if made.action == "REPLACE" else None
    if made.action == "DELETE":
        wanted = removal_place(camera)
    show(made, camera, Goal(made.action, wanted, left, previous))


def take_external_id(site: Site, camera: Camera, external_id: str) -> None:
    """Give a camera its recorder's own id; another camera of that server that held it loses it."""
    for other in site.cameras.values():
        if other is not camera and other.owner == camera.owner and other.external_id == external_id:
            other.external_id = None
    camera.external_id = external_id


def leave_behind(
    site: Site, name: str, channel: int, place: Place, external_id: str | None, why: Wish
) -> None:
    """Leave a device on a recorder as a `removing` camera, and queue its DELETE, unless it is wanted there."""
    if held(site, place, channel):
        return
    left = Camera(site.new_id("c"), place.server, name, channel, place.hardware, place, removing=True)
    site.cameras[left.id] = left
    if external_id:
        take_external_id(site, left, external_id)
    wish(site, left, "DELETE", why)


def why_of(action: Action) -> Wish:
    return Wish(action.direction, action.cause, action.source_server, action.source)


def apply(site: Site, action: Action, external_id: str | None) -> None:
    """A recorder did what was asked, or was so already."""
    camera, waiting = site.cameras[str(action.target)], site.waiting(site.cameras[str(action.target)])
    action.status, action.outcome, action.error, action.note = "APPLIED", "APPLIED", None, None
    if action.action == "DELETE":
        camera.confirmed = camera.asked = camera.external_id = None
        if camera.removing:
            site.leave(camera)
    else:
        confirm(site, action, camera, external_id)
    if waiting and waiting.status == "BLOCKED" and camera.id in site.cameras:
        send(site, waiting, camera)


def confirm(site: Site, action: Action, camera: Camera, external_id: str | None) -> None:
    """What was sent is confirmed; a MOVE leaves the old device where it was."""
    before, had = camera.confirmed, camera.external_id
    camera.confirmed = Place(str(action.target_server), action.device.hardware)
    if before and before.server != camera.confirmed.server:
        camera.external_id = None
        leave_behind(site, camera.name, camera.channel, before, had, why_of(action))
    if external_id:
        take_external_id(site, camera, external_id)


def fail(site: Site, action: Action, error: str | None) -> None:
    """A recorder could not do what was asked."""
    camera = site.cameras[str(action.target)]
    waiting = site.waiting(camera)
    action.status, action.outcome, action.error = "FAILED", "FAILED", error
    if waiting:
        end(action, "SUPERSEDED", "a newer wish was waiting")
        send(site, waiting, camera)
    elif action.source and action.action != "DELETE" and site.counterpart(camera) is None:
        # What had a source had a link: it ended while this was under way.
        end(action, "ABANDONED", "the link ended")
        go_back(site, camera, camera.confirmed)


def go_back(site: Site, camera: Camera, place: Place | None) -> None:
    """What is wanted becomes what is in this place; a camera of which nothing is there leaves."""
    if place is None or taken(site, place, camera.channel, camera):
        site.leave(camera)
    else:
        camera.server, camera.hardware = place
        camera.removing = False


def acknowledge(
    site: Site, action: Action | None, outcome: str, error: str | None, external_id: str | None
) -> bool:
    """Judge one word of a connector; false: it is rejected."""
    if action is None:
        return False
    if action.outcome == outcome:
        return True
    if action.status == "QUEUED" or (action.status == "FAILED" and outcome == "APPLIED"):
        if outcome == "APPLIED":
            apply(site, action, external_id)
        else:
            fail(site, action, error)
        return True
    if outcome == "APPLIED" and action.action == "ADD" and action.status in {"ABANDONED", "SUPERSEDED"}:
        late(site, action, external_id)
    return False


def late(site: Site, action: Action, external_id: str | None) -> None:
    """A device that nobody wants any more stands on a recorder: it has to go."""
    if action.target_server not in site.servers:
        return
    place = Place(str(action.target_server), action.device.hardware)
    leave_behind(site, action.device.name, action.device.channel, place, external_id, why_of(action))


def retry(site: Site, action: Action | None) -> bool:
    if action is None or action.status != "FAILED":
        return False
    send(site, action, site.cameras[str(action.target)])
    return True


def abandon(site: Site, action: Action | None, note: str) -> Camera | None:
    """A person gives an action up: what was confirmed becomes what is wanted. Null: it is not unresolved."""
    if action is None or action.status not in {"QUEUED", "BLOCKED", "FAILED"}:
        return None
    camera = site.cameras[str(action.target)]
    ahead, waiting = site.under_way(camera), site.waiting(camera)
    was_waiting = action is waiting
    end(action, "ABANDONED", note)
    if was_waiting and ahead:
        give_way_to(site, camera, ahead)
    elif waiting and waiting.action == "DELETE":
        send(site, waiting, camera)
    else:
        supersede(site, camera, "BLOCKED")
        settle_down(site, camera, camera.confirmed)
    return camera


def give_way_to(site: Site, camera: Camera, ahead: Action) -> None:
    """Nothing is wanted any more but what is under way."""
    if ahead.action == "DELETE":
        site.unlink(camera)
        camera.removing = True
        camera.server, camera.hardware = Place(str(ahead.target_server), ahead.device.hardware)
    else:
        settle_down(site, camera, Place(str(ahead.target_server), ahead.device.hardware))


def settle_down(site: Site, camera: Camera, place: Place | None) -> None:
    """Like going back, but whether the place is free is for others to see."""
    camera.removing = False
    if place is None:
        site.leave(camera)
    else:
        camera.server, camera.hardware = place


def release(site: Site, camera: Camera) -> None:
    """A link ended and this end of it is kept as it is: nothing is wanted but what is there or under way."""
    open_actions, ahead = site.unresolved(camera), site.under_way(camera)
    for one in open_actions:
        if one is not ahead:
            end(one, "ABANDONED", "the link ended")
    if ahead and ahead.action == "DELETE":
        give_way_to(site, camera, ahead)
    elif ahead:
        place = Place(str(ahead.target_server), ahead.device.hardware)
        if taken(site, place, camera.channel, camera):
            end(ahead, "SUPERSEDED", "another is wanted there")
        go_back(site, camera, place)
    else:
        go_back(site, camera, camera.confirmed)


def own_fact(site: Site, camera: Camera) -> None:
    """Something happened to a camera on its own recorder: what was unresolved of it is so no more."""
    before = site.unresolved(camera)
    supersede(site, camera, *("QUEUED", "BLOCKED", "FAILED"))
    if before and camera.id in site.cameras and goal(camera):
        wish(site, camera, "DELETE", why_of(before[-1]))
