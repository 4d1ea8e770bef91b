"""The model registry: registered models, their versions and aliases.

Facts are fields of entities (`workbench.store.entities`) of the kinds `model` and `version`. Every change is a check
and a block of events, both within one visit to the store, which holds its lock: so no two processes of a machine
register the same number. Nothing is erased; what was is in the journals.

    models.py, versions.py, aliases.py   what can be done
    queries.py                           what can be asked, with conditions.py
    records.py                           what comes back
"""
