from collections.abc import Mapping
from typing import Any, Self

import strawberry

from service.model import mode_help, refusals
from service.model.vocabulary import Mode, PairingStyle


@strawberry.type(description="Help on a style of pairing.")
class ModeStyleOption:
    """One style, for a person."""

    style: PairingStyle = strawberry.field(description="Which style.")
    title: str = strawberry.field(description="Its title.")
    shape: str = strawberry.field(description="How many servers it takes.")
    mirrored: str = strawberry.field(description="What is mirrored, and which way.")
    typical_use: str = strawberry.field(description="What it is good for.")

    @classmethod
    def of(cls, style: mode_help.StyleHelp) -> Self:
        """Make the help on a style."""
        return cls(
            style=style.style,
            title=style.title,
            shape=style.shape,
            mirrored=style.mirrored,
            typical_use=style.typical_use,
        )


@strawberry.type(description="Help on a mode: the text behind the '?' of the mode toggle.")
class ModeOption:
    """One mode, for a person."""

    mode: Mode = strawberry.field(description="Which mode.")
    title: str = strawberry.field(description="Its title.")
    summary: str = strawberry.field(description="What it does.")
    is_default: bool = strawberry.field(description="Whether a new site is in it.")
    styles: list[ModeStyleOption] = strawberry.field(description="The styles to choose from in it.")
    typical_use: str = strawberry.field(description="What it is good for.")
    warning: str = strawberry.field(description="What changing the mode later costs.")

    @classmethod
    def of(cls, mode: mode_help.ModeHelp) -> Self:
        """Make the help on a mode."""
        return cls(
            mode=mode.mode,
            title=mode.title,
            summary=mode.summary,
            is_default=mode.is_default,
            styles=[ModeStyleOption.of(style) for style in mode.styles],
            typical_use=mode.typical_use,
            warning=mode.warning,
        )


@strawberry.type(description="What a change of mode does.")
class ModeChangeImpact:
    """The price of a change of mode."""

    from_mode: Mode = strawberry.field(name="from", description="The mode that the site is in.")
    to_mode: Mode = strawberry.field(name="to", description="The mode that it changes to.")
    pairings_dissolved: int = strawberry.field(description="How many pairings end.")
    links_kept: int = strawberry.field(description="How many links between cameras stay.")
    cameras_losing_protection: int = strawberry.field(
        description="How many cameras have a link that no longer counts."
    )
    summary: list[str] = strawberry.field(description="Sentences for a person, most important first.")

    @classmethod
    def of(cls, impact: refusals.ModeChangeImpact) -> Self:
        """Make the impact."""
        return cls(
            from_mode=impact.from_mode,
            to_mode=impact.to_mode,
            pairings_dissolved=impact.pairings_dissolved,
            links_kept=impact.links_kept,
            cameras_losing_protection=impact.cameras_losing_protection,
            summary=list(impact.summary),
        )

    @classmethod
    def of_json(cls, impact: Mapping[str, Any]) -> Self:
        """Make the impact of an outcome's detail."""
        return cls(
            from_mode=Mode(impact["from"]),
            to_mode=Mode(impact["to"]),
            pairings_dissolved=impact["pairingsDissolved"],
            links_kept=impact["linksKept"],
            cameras_losing_protection=impact["camerasLosingProtection"],
            summary=impact["summary"],
        )


def mode_options() -> list[ModeOption]:
    """Return the help on all modes."""
    return [ModeOption.of(mode) for mode in mode_help.MODES]
