"""Geometry of solids, tubes and clouds along rays, with compiled loops."""
