"""Which operator of a model goes wrong: good values recorded once, and cuts of the model held against them in the bad place."""
