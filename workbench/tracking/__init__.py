"""Layer 3: runs. The `Run` handle and the current run, what a run captures, launching and comparing.

`current` starts runs and knows which one is current, `run` is the handle, `exits` ends what nobody
ended, `background` is what goes on beside the training, `past` finds a run to go on with.
"""
