"""Made-up data and traffic for the pictures of the documentation."""

from __future__ import annotations

import random
from contextlib import chdir
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import FakeClock
from tests.tui.data_to_show import Warehouse
from tests.tui.drift_to_show import Watch
from workbench.base.project import Project
from workbench.drift.check import check
from workbench.drift.history import save_check
from workbench.drift.monitors.decisions import mute
from workbench.drift.source import open_table

DAYS = 14
MERCHANTS, SHARES = ("grocery", "fuel", "online", "travel", "books"), (40, 25, 18, 12, 5)
COUNTRIES = (("AT", "DE", "CH", "IT"), (50, 30, 14, 6))


def payments(
    count: int, seed: int, first: datetime, *, dearer: float = 0.0, new: bool = False, labels: bool = True
) -> str:
    """A CSV file of one day's payments; the same for the same arguments."""
    dice = random.Random(seed)
    lines = ["at,id,amount,merchant,country,age,hour,night,balance,mail,currency,score,prediction,label"]
    for n in range(count):
        at = first + timedelta(seconds=86_399 * n // count)
        amount = dice.lognormvariate(3 + dearer, 0.8)
        merchant = "crypto" if new and dice.random() < 0.06 else dice.choices(MERCHANTS, SHARES)[0]
        score = dice.betavariate(2, 5)
        label = int(dice.random() < score * (0.7 if dearer else 1.0)) if labels else ""
        balance = f"{dice.gauss(1200, 400):.2f}" if dice.random() > 0.04 else ""
        lines.append(
            f"{at.isoformat()},{seed * 100_000 + n},{amount:.2f},{merchant},{dice.choices(*COUNTRIES)[0]},"
            f"{min(92, 18 + int(dice.gammavariate(4, 7)))},{at.hour},{str(at.hour < 6).lower()},{balance},"
            f"c{n % 400}@example.org,EUR,{score:.4f},{int(score > 0.45)},{label}"
        )
    return "\n".join(lines) + "\n"


def add_data(project: Project, clock: FakeClock) -> dict[str, Any]:
    """Three datasets, one of them with four versions; returns what a run records of the third of these."""
    now_us = clock.now_us
    made = Warehouse(project, clock)
    events = []

    def add(days: int, path: str, name: str, text: str, description: str, **more: Any) -> None:
        clock.now_us = now_us - days * 86_400_000_000
        events.append(made.register(path, name, text, description=description, **more))

    first = Watch(project, clock).day
    add(41, "data/merchants.csv", "merchants", "merchant,kind\ngrocery,food\nfuel,car\n", "who is paid")
    add(40, "data/holdout.csv", "holdout", payments(600, 9, first - timedelta(days=50)), "never trained on", copy=True)
    for number, (days, said) in enumerate(
        ((30, "September"), (21, "October"), (9, "both months"), (1, "and crypto")), 1
    ):
        text = payments(700 * number, number, first - timedelta(days=days), new=number == 4)
        add(days, "data/transactions.csv", "transactions", text, said, copy=number == 3)
    made.close()
    clock.now_us = now_us
    return events[-2]


def add_monitors(project: Project, clock: FakeClock) -> None:
    """A model whose traffic changes, one whose traffic does not, and a check that was kept."""
    now_us = clock.now_us
    made = Watch(project, clock)
    first = made.day - timedelta(days=DAYS)
    with chdir(project.root):
        made.write("data/reference.csv", payments(3000, 50, first - timedelta(days=40)))
        for day in range(DAYS):
            moved = day >= DAYS - 4
            text = payments(
                600, 100 + day, first + timedelta(days=day), dearer=0.5 if moved else 0.0, new=day >= DAYS - 2,
                labels=day < DAYS - 3,
            )  # fmt: skip
            made.write(f"logs/{day:02d}.csv", text)
        columns = ("amount", "merchant", "country", "age", "hour", "night", "balance", "id", "currency")
        made.add("payments", model="fraud@champion", source="logs/*.csv", reference="data/reference.csv", every="1d",
                 time="at", columns=columns, label="label", prediction="prediction", score={"": "score"}, positive="1",
                 after=2)  # fmt: skip
        made.run("payments")
        quiet = made.write("data/quiet.csv", payments(900, 77, first))
        made.add("churn-weekly", source=quiet, reference="data/reference.csv", whole=True, columns=columns[:5])
        made.run("churn-weekly")
        made.decide(mute, "churn-weekly", "the source moves")
        save_check(project, check(open_table("data/reference.csv"), open_table("logs/13.csv")), name="by hand")
    made.close()
    clock.now_us = now_us
