"""Training from a cached chip folder: no GDAL needed, so a bare GPU machine can train."""
