"""The floor of the benchmark: the least that Django and DRF do for a page of comments, with nothing of the product."""
