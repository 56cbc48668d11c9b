"""
Connectors to shops, tills and marketplaces: one module a vendor, all speaking ``base``.

``connect(kind, config, secrets)`` gives a ready connector; ``KINDS`` describes each kind's settings so that a
form can be built from it.
"""

from omni.connectors.registry import KINDS, Kind, SettingField, connect

__all__ = ["KINDS", "Kind", "SettingField", "connect"]
