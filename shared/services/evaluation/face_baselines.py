"""What others group faces with, each with the parameter that is best on the half it may be chosen on."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import DBSCAN, HDBSCAN

from shared.domain.vectors import Array

Groups = NDArray[np.int64]
Method = Callable[[Array], Groups]


def _singles(labels: Groups) -> Groups:
    """Faces without a group as groups of their own."""
    return np.where(labels < 0, labels.max(initial=0) + 1 + np.arange(len(labels)), labels)


def _chinese_whispers(threshold: float) -> Method:
    def group(encodings: Array) -> Groups:
        import dlib  # 130 MB: only where faces are evaluated

        vectors = [dlib.vector(row.tolist()) for row in encodings]
        return np.array(dlib.chinese_whispers_clustering(vectors, threshold), dtype=np.int64)

    return group


def _dbscan(eps: float) -> Method:
    return lambda encodings: _singles(DBSCAN(eps=eps, min_samples=2).fit_predict(encodings))


def _hdbscan(smallest: int, samples: int) -> Method:
    return lambda encodings: _singles(
        HDBSCAN(min_cluster_size=smallest, min_samples=samples, copy=True).fit_predict(encodings)
    )


def _average_linkage(threshold: float) -> Method:
    return lambda encodings: fcluster(linkage(encodings, "average"), threshold, "distance").astype(np.int64)


BASELINES: Mapping[str, tuple[Method, ...]] = {
    "chinese_whispers_0.5": (_chinese_whispers(0.5),),
    "dbscan": tuple(_dbscan(eps) for eps in (0.35, 0.375, 0.4, 0.425, 0.45)),
    "hdbscan": tuple(_hdbscan(*sizes) for sizes in ((2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2))),
    "average_linkage": tuple(_average_linkage(t) for t in (0.53, 0.54, 0.55, 0.5566, 0.56, 0.57, 0.58)),
}
"""Chinese Whispers as `face_recognition`'s users know it; the others over encodings as they are."""
