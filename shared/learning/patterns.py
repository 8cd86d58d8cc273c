"""What `analyze` and search load of a bundle, each part when it is first needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from shared.domain.dataset import Shard
from shared.domain.observation import Observation
from shared.domain.vectors import Array
from shared.learning.category_model import MODEL as CATEGORIES_FILE
from shared.learning.category_model import CategoryModel
from shared.learning.faces import FacePatterns
from shared.learning.faces.patterns import FILE as FACES_FILE
from shared.learning.features import Block, photo_blocks
from shared.learning.kernel import map_shard
from shared.learning.naming import View
from shared.learning.search_vectors import MODEL as SEARCH_FILE
from shared.learning.search_vectors import SearchSpace, Standing
from shared.learning.worded import detections


@dataclass(frozen=True, eq=False)
class Patterns:
    """The learned patterns of one bundle.

    Attributes
    ----------
    version : str
        The bundle's.
    files : mapping of str to bytes
        By name; those of `NEEDS` are read.
    """

    NEEDS: ClassVar[tuple[str, ...]] = (CATEGORIES_FILE, SEARCH_FILE, FACES_FILE)

    version: str
    files: Mapping[str, bytes]

    @classmethod
    def load(cls, version: str, files: Mapping[str, bytes]) -> "Patterns":
        """Take a bundle's files; each is parsed when it is first needed."""
        return cls(version, files)

    @cached_property
    def categories(self) -> CategoryModel:
        """Tags and words from pixels, and tags from tags."""
        return CategoryModel.load(self.files)

    @cached_property
    def space(self) -> SearchSpace:
        """The learned place of photos among sentence vectors."""
        return SearchSpace.load(self.files)

    @cached_property
    def people(self) -> FacePatterns:
        """People and their faces."""
        return FacePatterns.load(self.files)

    @property
    def learned(self) -> bool:
        """Whether anybody's words were there to learn from."""
        return self.categories.kernel.width > 0

    def view(self, observation: Observation) -> View:
        """One photo as the learned models place it."""
        blocks, zero_shot = photo_blocks(observation), observation.text_vector[None]
        return self._view(self.categories.kernel.transform(blocks, zero_shot), blocks, zero_shot)

    def view_shard(self, shard: Shard) -> View:
        """The photos of a shard as the learned models place them, each without its own words.

        Features that are mapped already are taken for those of this bundle's run.
        """
        phi = map_shard(shard, self.categories.kernel)
        return self._view(phi, shard.features, shard.zero_shot, shard.ids)

    def stand(self, view: View) -> Standing:
        """Where photos stand for search."""
        return self.space.stand(view.phi, view.zero_shot, self.categories.memory.vectors)

    def _view(
        self, phi: Array, blocks: Mapping[str, Block], zero_shot: Array, ids: tuple[str, ...] = ()
    ) -> View:
        learned = self.space.learned(phi)
        near = self.categories.memory.nearest(learned, ids)
        detected = detections(blocks, len(zero_shot))
        return View(phi, learned, self.space.seen(zero_shot), near, detected)
