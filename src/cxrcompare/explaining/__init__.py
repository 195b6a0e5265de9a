"""What networks see: maps of each finding, overlays, and a page to browse them."""

from cxrcompare.explaining.explain import explain
from cxrcompare.explaining.map_files import read_maps, write_maps
from cxrcompare.explaining.maps import Maps

__all__ = ["Maps", "explain", "read_maps", "write_maps"]
