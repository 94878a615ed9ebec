"""scd30-sensor: measures carbon dioxide, humidity and temperature on an embedded node. Always played by a stand-in.

Every ten seconds it casts three numbers with semicolons between, five digits after the point each: ppm, percent of
relative humidity, degrees Celsius (EDGELESS 1.2, edgeless_embedded).
"""

from __future__ import annotations

import re

from workbench.resources.forms import Field, Form
from workbench.resources.model import Kind

OUTPUT = "data_out"

_MEASURED = re.compile(r";".join([r"(-?[0-9]{1,20}(?:\.[0-9]{1,20})?)"] * 3), re.ASCII)


def encode(co2: float, humidity: float, temperature: float) -> bytes:
    """What it casts: ppm, percent, degrees Celsius."""
    return f"{co2:.5f};{humidity:.5f};{temperature:.5f}".encode()


def tell(payload: bytes) -> str | None:
    """A measurement in words for people; None when it is none."""
    found = _MEASURED.fullmatch(payload.decode("utf-8", "replace"))
    if found is None:
        return None
    co2, humidity, temperature = (float(number) for number in found.groups())
    return f"CO\N{SUBSCRIPT TWO} {co2:g} ppm, humidity {humidity:g} %, {temperature:g} °C"


KIND = Kind(
    class_type="scd30-sensor",
    words="measures carbon dioxide, humidity and temperature",
    outputs=(OUTPUT,),
    takes_cast=False,
    takes_call=False,
    decode=lambda payload, sent_to: tell(payload),
    samples={
        "a room with open windows": encode(420, 45, 20.5),
        "a room full of people": encode(1850, 62, 25),
        "frost": encode(410, 80, -4.5),
    },
    forms=(
        Form(
            "a measurement",
            "sends",
            (
                Field("ppm CO\N{SUBSCRIPT TWO}", "420", "number"),
                Field("% humidity", "45", "number"),
                Field("°C", "20.5", "number"),
            ),
            encode,
        ),
    ),
)
