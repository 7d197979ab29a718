"""Where live state is kept. Three promises, one conformance suite: `memory` forgets, `journal` survives a kill."""

from turnserver.store.seam import Store, StoreDown

__all__ = ["Store", "StoreDown"]
