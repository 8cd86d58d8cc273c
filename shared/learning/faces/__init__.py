"""Phase 3, people: faces grouped into people who keep their ids, under the owner's word."""

from shared.learning.faces.assignment import Assignment
from shared.learning.faces.patterns import FacePatterns
from shared.learning.faces.person import Person
from shared.learning.faces.phase import group, solve
from shared.learning.faces.questions import Question
from shared.learning.faces.sums import FaceSums, observe

__all__ = ["Assignment", "FacePatterns", "FaceSums", "Person", "Question", "group", "observe", "solve"]
