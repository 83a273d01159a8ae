"""Rules over history: pure, one a file, gathered in `rules`.

`chronicle` judges every commit's signature by its parent's trust, once; the rules read the result.
Nothing here shares code with the writer in `gates`, so a writer's bug cannot hide.
"""

from __future__ import annotations
