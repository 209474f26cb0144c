"""The people of the samples, each as a handful of colours and proportions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Person:
    """One drawn person; colours are `#rrggbb`, proportions are factors of an average face."""

    name: str
    skin: str
    shade: str
    """Skin in shadow."""
    blush: str
    lips: str
    hair: str
    hair_light: str
    hair_dark: str
    iris: str
    cloth: str
    cloth_dark: str
    accent: str
    """Collar, trim or earrings."""
    backdrop: tuple[str, str]
    """Behind the head, and towards the corners."""
    cut: str
    """The hair's shape: a name in hair.CUTS."""
    garment: str
    """The clothing's shape: a name in body.GARMENTS."""
    cheeks: float = 1.0
    jaw: float = 1.0
    chin: float = 1.0
    neck: float = 1.0
    shoulders: float = 1.0
    eyes: float = 1.0
    lashes: float = 1.0
    brows: float = 1.0
    nose: float = 1.0
    mouth: float = 1.0
    softness: float = 1.0
    """How soft shadows are; small values give the hard edges of a cartoon."""
    outline: float = 0.0
    """Width of a drawn outline, in eye distances."""
    lines: float = 1.0
    """How plainly folds beside the nose and under the eyes are drawn; less looks younger."""
    freckles: bool = False
    stubble: bool = False
    earrings: bool = False
    ears: bool = True
    """False where the hair covers them."""


ADA = Person(
    name="ada",
    skin="#f0c4a4",
    shade="#c98566",
    blush="#e58b78",
    lips="#c2605c",
    hair="#5a3526",
    hair_light="#96603f",
    hair_dark="#331b15",
    iris="#5f7d4c",
    cloth="#2f7f86",
    cloth_dark="#1c565e",
    accent="#f4ead9",
    backdrop=("#f6dfc6", "#d9a98a"),
    cut="long",
    garment="collar",
    jaw=0.95,
    neck=0.86,
    shoulders=0.92,
    eyes=1.1,
    lashes=1.2,
    brows=0.85,
    nose=0.88,
    lines=0.55,
    ears=False,
)
NOOR = Person(
    name="noor",
    skin="#8d5a3c",
    shade="#57311f",
    blush="#a8553f",
    lips="#8c3f3f",
    hair="#241815",
    hair_light="#5a4038",
    hair_dark="#120b0a",
    iris="#4a2c18",
    cloth="#e0a32e",
    cloth_dark="#a86f16",
    accent="#f5d77a",
    backdrop=("#bfe0da", "#5f9ea0"),
    cut="curls",
    garment="knit",
    cheeks=1.03,
    jaw=1.0,
    chin=0.98,
    neck=0.9,
    eyes=1.12,
    lashes=1.3,
    nose=1.1,
    mouth=1.1,
    lines=0.7,
    earrings=True,
)
PIP = Person(
    name="pip",
    skin="#ffd3b0",
    shade="#e89a78",
    blush="#ff8f78",
    lips="#e07a66",
    hair="#e2632b",
    hair_light="#ff9a4d",
    hair_dark="#a83a17",
    iris="#3f86c9",
    cloth="#f3f0e6",
    cloth_dark="#c9c3b2",
    accent="#d8434a",
    backdrop=("#ffe9a8", "#f6b94c"),
    cut="tousled",
    garment="stripes",
    cheeks=1.08,
    jaw=1.12,
    chin=0.88,
    neck=0.7,
    shoulders=0.82,
    eyes=1.36,
    lashes=0.75,
    brows=1.1,
    nose=0.74,
    mouth=1.05,
    lines=0.0,
    softness=0.12,
    outline=0.035,
    freckles=True,
)
THEO = Person(
    name="theo",
    skin="#d9a37c",
    shade="#9c6447",
    blush="#c9745a",
    lips="#b0695a",
    hair="#3a2a22",
    hair_light="#6e5140",
    hair_dark="#1e1512",
    iris="#4b6d8c",
    cloth="#3d4f73",
    cloth_dark="#263350",
    accent="#e9e6df",
    backdrop=("#dfe6ee", "#9fb0c4"),
    cut="short",
    garment="jacket",
    jaw=1.1,
    chin=1.04,
    neck=1.08,
    shoulders=1.08,
    eyes=0.98,
    lashes=0.6,
    brows=1.25,
    nose=1.05,
    stubble=True,
)

PEOPLE: Mapping[str, Person] = MappingProxyType({person.name: person for person in (ADA, NOOR, PIP, THEO)})
"""Every drawn person by name; pip is a cartoon, theo is the one who performs in the references."""
