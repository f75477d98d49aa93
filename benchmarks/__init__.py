"""One script a figure, each printing one table; and the demo and the recipes of the starter models."""
