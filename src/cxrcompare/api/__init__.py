"""The public Python API, which `import cxrcompare` loads on demand: functions and their results."""
