"""ImageNet's classes in everyday words, and the broad kinds that many classes are of.

A classifier spreads a dog over 118 breeds; the sum over a kind says "dog" where no breed is sure.
"""

import numpy as np

from shared.domain.observation import Label
from shared.domain.vectors import Array

Names = tuple[tuple[str, ...], ...]

KINDS: dict[str, tuple[tuple[int, int], ...]] = {
    "fish": ((0, 6), (389, 397)),
    "bird": ((7, 24), (80, 100), (127, 146)),
    "frog": ((30, 32),),
    "turtle": ((33, 37),),
    "lizard": ((38, 48),),
    "snake": ((52, 68),),
    "spider": ((72, 77),),
    "dog": ((151, 268),),
    "wolf": ((269, 271),),
    "fox": ((277, 280),),
    "cat": ((281, 285),),
    "bear": ((294, 297),),
    "beetle": ((300, 307),),
    "butterfly": ((321, 326),),
    "rabbit": ((330, 332),),
    "monkey": ((370, 382),),
    "elephant": ((385, 386),),
    "mushroom": ((947, 947), (991, 997)),
}
"""First and last class of every run of classes that are of a kind."""

RENAMED: dict[str, str] = {
    "alp": "mountain",
    "ashcan": "trash can",
    "ballplayer": "baseball player",
    "bannister": "stair rail",
    "barrow": "wheelbarrow",
    "bathing cap": "swimming cap",
    "beach wagon": "station wagon",
    "bell cote": "bell tower",
    "bicycle-built-for-two": "tandem bicycle",
    "bighorn": "bighorn sheep",
    "brassiere": "bra",
    "cab": "taxi",
    "caldron": "cauldron",
    "cassette player": "tape deck",
    "cellular telephone": "mobile phone",
    "chiffonier": "chest of drawers",
    "cock": "rooster",
    "cornet": "trumpet",
    "cougar": "puma",
    "dock": "harbor",
    "drake": "duck",
    "electric fan": "fan",
    "entertainment center": "television cabinet",
    "fire engine": "fire truck",
    "four-poster": "four-poster bed",
    "French loaf": "baguette",
    "golfcart": "golf cart",
    "Granny Smith": "green apple",
    "groom": "bridegroom",
    "hand blower": "hair dryer",
    "hand-held computer": "handheld computer",
    "head cabbage": "cabbage",
    "hotdog": "hot dog",
    "ice bear": "polar bear",
    "ice lolly": "popsicle",
    "jean": "jeans",
    "jinrikisha": "rickshaw",
    "killer whale": "orca",
    "lakeside": "lake",
    "lesser panda": "red panda",
    "liner": "ocean liner",
    "maillot": "swimsuit",
    "mountain tent": "tent",
    "mouse": "computer mouse",
    "pajama": "pajamas",
    "passenger car": "railway carriage",
    "pickup": "pickup truck",
    "promontory": "headland",
    "racer": "race car",
    "rapeseed": "rapeseed field",
    "recreational vehicle": "camper van",
    "ruddy turnstone": "turnstone",
    "sandbar": "sandbank",
    "sax": "saxophone",
    "seashore": "beach",
    "solar dish": "solar collector",
    "sorrel": "horse",
    "streetcar": "tram",
    "studio couch": "sofa bed",
    "sunglass": "sunglasses",
    "teddy": "teddy bear",
    "toilet tissue": "toilet paper",
    "toyshop": "toy shop",
    "trailer truck": "truck",
    "tusker": "elephant",
    "upright": "piano",
    "vacuum": "vacuum cleaner",
    "warplane": "military plane",
    "washbasin": "sink",
    "washer": "washing machine",
    "web site": "web page",
    "Windsor tie": "necktie",
    "worm fence": "split-rail fence",
    "yawl": "sailboat",
}


def everyday(name: str) -> str:
    """The word a person would use for a class."""
    return RENAMED.get(name, name)


def labels(probabilities: Array, names: Names, *, count: int, floor: float) -> tuple[Label, ...]:
    """The most probable classes and kinds at or above a floor, best first, each name once.

    A kind stands before the classes it sums.

    Parameters
    ----------
    probabilities : (1000,)
    names : tuple of tuple of str
        Names of each class.
    count : int
        At most so many.
    floor : float
        Least probability.
    """
    scores: dict[str, float] = {}
    for index in np.flatnonzero(probabilities >= floor):
        name = everyday(names[index][0])
        scores[name] = scores.get(name, 0.0) + float(probabilities[index])
    for kind, runs in KINDS.items():
        total = float(sum(probabilities[first : last + 1].sum() for first, last in runs))
        if total >= floor:
            scores[kind] = max(total, scores.get(kind, 0.0))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0] not in KINDS, item[0]))
    return tuple(Label(name, round(min(score, 1.0), 4)) for name, score in ranked[:count])
