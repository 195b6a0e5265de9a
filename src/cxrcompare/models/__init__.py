"""Networks by name: raw grey pixels in, one logit per finding out."""
