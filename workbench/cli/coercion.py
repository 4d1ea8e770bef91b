"""Command-line words become values without Pydantic.

Typer hands every value to a Pydantic adapter, whose import alone costs more than everything else that a short command
does. The few kinds that the commands use are converted here; any other kind keeps Typer's way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

import typer


class PlainValue:
    """Converts the words of one parameter; takes the place of Typer's runtime parameter.

    Args:
        convert: makes a value of one word; raises ValueError.
        kind: what is expected, for the message.
    """

    def __init__(self, convert: Callable[[Any], object], kind: str) -> None:
        self.convert = convert
        self.kind = kind

    def coerce(self, value: Any, param: Any, ctx: Any) -> object:
        """The value, or a tuple of values for a parameter that may be repeated.

        Raises:
            typer.BadParameter: a word does not have the form of the kind.
        """
        many = param.multiple or param.nargs == -1
        if value is None:
            return () if many else None
        try:
            return tuple(self.convert(word) for word in value) if many else self.convert(value)
        except ValueError:
            shown = " ".join(map(str, value)) if many else value
            raise typer.BadParameter(f"{shown!r} is not {self.kind}.", ctx=ctx, param=param) from None


def coerce_without_pydantic(param: Any) -> None:
    """Give a parameter the light conversion where its kind is a plain one without limits."""
    descriptor = getattr(param, "type_descriptor", None)
    if descriptor is None or descriptor.is_ranged or descriptor.is_file or descriptor.is_path:
        return
    kind = descriptor.annotation
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    if descriptor.choices is not None:
        names = [choice for choice in descriptor.choices if isinstance(choice, str)]
        if len(names) == len(descriptor.choices):
            param._runtime_param = PlainValue(_one_of(names), f"one of {', '.join(names)}")
    elif kind in _CONVERTERS:
        convert, name = _CONVERTERS[kind]
        param._runtime_param = PlainValue(convert, name)


def _one_of(names: list[str]) -> Callable[[Any], object]:
    def convert(word: Any) -> object:
        if word not in names:
            raise ValueError(word)
        return word

    return convert


_CONVERTERS: dict[object, tuple[Callable[[Any], object], str]] = {
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (bool, "a yes or no"),
}
