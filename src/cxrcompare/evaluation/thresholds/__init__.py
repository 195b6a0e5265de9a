"""Operating points: thresholds by rule, points of the ROC curve, and what a test does at a site."""
