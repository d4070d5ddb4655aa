"""Labels of Google Cloud's resources."""

from typing import Annotated

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example

_LABELS = "Google, Compute Engine, Organize resources using labels, requirements"

Labels = Annotated[
    dict[
        Annotated[
            str,
            limits.matching(
                r"[a-z][-_a-z0-9]{0,62}", "lower case letters, digits, hyphens and underscores, a letter first", _LABELS
            ),
            Example("team"),
        ],
        Annotated[
            str,
            limits.matching(r"[-_a-z0-9]{0,63}", "lower case letters, digits, hyphens and underscores", _LABELS),
            Example("shop"),
        ],
    ],
    limits.at_most(64, "labels", _LABELS),
]
