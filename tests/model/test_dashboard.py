import pytest

from service.model.dashboard import Block, Labeling, blocks, labeling_of
from service.model.mode_help import MODES
from service.model.vocabulary import DashboardBlockKind, Mode, PairingStyle

COMPLETE = Labeling(primaries=1, secondaries=1, unlabeled=5)
ALWAYS_HIDDEN = {DashboardBlockKind.STORAGE_MAPPING, DashboardBlockKind.LICENSING}


def visible(mode: Mode) -> set[DashboardBlockKind]:
    return {block.kind for block in blocks(mode, COMPLETE) if block.visible}


def test_all_blocks_are_told_once_and_in_order() -> None:
    assert [block.kind for block in blocks(Mode.AUTO, COMPLETE)] == list(DashboardBlockKind)


def test_auto_hides_the_mapping_of_cameras() -> None:
    assert set(DashboardBlockKind) - visible(Mode.AUTO) == {*ALWAYS_HIDDEN, DashboardBlockKind.CAMERA_MAPPING}


def test_manual_hides_pairing_adding_and_moving() -> None:
    assert set(DashboardBlockKind) - visible(Mode.MANUAL) == {
        *ALWAYS_HIDDEN,
        DashboardBlockKind.SERVER_PAIRING,
        DashboardBlockKind.ADD_CAMERA,
        DashboardBlockKind.MOVE_CAMERA,
    }


@pytest.mark.parametrize("mode", Mode)
def test_what_is_visible_is_enabled_when_labeling_is_complete(mode: Mode) -> None:
    assert {(block.enabled, block.because) for block in blocks(mode, COMPLETE) if block.visible} == {
        (True, None)
    }


@pytest.mark.parametrize("mode", Mode)
def test_what_is_hidden_is_not_enabled_and_says_why(mode: Mode) -> None:
    hidden = [block for block in blocks(mode, COMPLETE) if not block.visible]
    assert all(not block.enabled and block.because for block in hidden)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("labeling", "because"),
    [
        (Labeling(0, 0, 0), "Register at least two servers and label one PRIMARY and one SECONDARY first."),
        (Labeling(1, 0, 0), "Register at least two servers and label one PRIMARY and one SECONDARY first."),
        (Labeling(0, 0, 2), "Label at least one server PRIMARY and one SECONDARY first."),
        (Labeling(2, 0, 0), "Label at least one server SECONDARY first."),
        (Labeling(0, 1, 1), "Label at least one server PRIMARY first."),
    ],
)
def test_without_labels_only_labeling_is_enabled(mode: Mode, labeling: Labeling, because: str) -> None:
    shown = [block for block in blocks(mode, labeling) if block.visible]

    assert shown[0] == Block(DashboardBlockKind.SERVER_LABELING, visible=True, enabled=True)
    assert {(block.enabled, block.because) for block in shown[1:]} == {(False, because)}


def test_labels_that_no_server_has_count_zero() -> None:
    assert labeling_of({"PRIMARY": 3}) == Labeling(primaries=3, secondaries=0, unlabeled=0)
    assert labeling_of({"SECONDARY": 1, "UNLABELED": 2}) == Labeling(primaries=0, secondaries=1, unlabeled=2)


def test_there_is_help_on_every_mode_and_style() -> None:
    assert [mode.mode for mode in MODES] == list(Mode)
    assert [mode.is_default for mode in MODES] == [True, False]
    assert [[style.style for style in mode.styles] for mode in MODES] == [list(PairingStyle), []]


def test_help_warns_that_changing_the_mode_means_reconfiguration() -> None:
    assert all("means reconfiguration" in mode.warning for mode in MODES)
