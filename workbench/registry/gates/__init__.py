"""Gates: what a version of a model has to pass, declared in `workbench.toml` as `[models.NAME.gates.GATE]`.

    [models.fraud.gates.auc]           # a metric of its run, as it was when the version was registered
    kind = "metric"
    metric = "auc"
    min = 0.9                          # and/or max

    [models.fraud.gates.champion]      # no worse than another version
    kind = "not-worse"
    metric = "auc"
    against = "champion"               # an alias, or the number of a version
    tolerance = 0.005                  # how much worse it may be; default 0
    direction = "max"                  # or "min"; default told from the metric's name
    predictions = "predictions.csv"    # an artifact of both runs: compared row by row, by a paired bootstrap
    measure = "accuracy"               # of `workbench.data.measures`; default accuracy
    label = "label"                    # the columns of the file; id pairs its rows, else their places do
    prediction = "prediction"
    id = "row"
    resamples = 2000

    [models.fraud.gates.size]          # of its files
    kind = "size"
    max_mb = 50                        # or max_bytes

    [models.fraud.gates.latency]       # the median time of a prediction on the model's input example
    kind = "latency"
    max_ms = 20
    predictions = 20                   # after warm_up = 3
    allow_pickle = false               # whether a model that could run code is opened

    [models.fraud.gates.papers]        # what has to be there
    kind = "requires"
    tags = ["owner"]
    files = ["MLmodel", "plots/*.png"] # patterns, of the model's files or the run's artifacts
    card = true
    description = true

    [models.fraud.gates.interface]     # a signature and an input example; who calls the other version can call this one
    kind = "signature"
    against = "champion"
    allow_new_optional = true

    [models.fraud.gates.data]          # the run's data were validated, which a tag of the run says
    kind = "data"
    tag = "data_validation"            # it has to be "passed"

    [models.fraud.gates.countries]     # a measure in each slice of the data
    kind = "slices"
    predictions = "predictions.csv"
    by = "country"
    measure = "accuracy"
    min = 0.8                          # and/or max, and/or max_gap between the best slice and the worst
    min_rows = 30                      # smaller slices are listed, not judged

    [models.fraud.gates.tests]         # a command that exits with 0
    kind = "command"
    run = "pytest tests/model"

Every gate may have `timeout_s` (default 300).

    settings.py        taking settings out of a gate's table
    candidate.py       what gates know of a version, gathered in one visit to the store
    judge.py           what a kind is; kinds.py: all of them
    process.py, child.py   commands, and functions in a process of their own
    check.py           running gates and keeping what came of them
"""
