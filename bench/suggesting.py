"""Suggesting a category from the words of a report, measured on labelled messages of citizens.

    python -m bench.suggesting DATA

The labels are the seven departments of a mayor's mailbox; the lexicon is made of its label tree (three levels) as it is
made of a catalogue, and has never seen a message. So this measures the way of suggesting, not the catalogue of a city.
Half of the messages were looked at when the weights were set; figures are those of the other half.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gewu.cases.suggesting import Entry, Lexicon

TREE, RAW, SEGMENTED = "label_tree.csv", "labelled_raw_446.csv", "labelled_segmented_8116.csv.gz"


def tree(folder: Path) -> Lexicon:
    """The label tree as a lexicon: keys are ``first/second/third``."""
    with (folder / TREE).open(encoding="utf-8-sig", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in list(csv.reader(file))[1:]]
    return Lexicon((Entry("/".join(row), (row[-1],), (row[1], row[0])) for row in rows if len(row) == 3), said=())


def messages(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Text and label of each message."""
    path = folder / name
    data = path.read_bytes()
    held = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(held, newline="")):
        text = row["seg"].replace(" ", "") if "seg" in row else f"{row['留言主题']}\n{row['留言详情']}"
        yield text, row["label"].strip()


def judged(lexicon: Lexicon, told: Iterable[tuple[str, str]]) -> Counter[str]:
    """How often the label was the first, among the first three, or nothing was suggested."""
    counted: Counter[str] = Counter()
    for text, label in told:
        found = [one.key.partition("/")[0] for one in lexicon.suggest(text, 12)]
        labels = list(dict.fromkeys(found))[:3]
        counted["n"] += 1
        counted["none"] += not labels
        counted["first"] += labels[:1] == [label]
        counted["three"] += label in labels
    return counted


def main(folder: Path) -> None:
    """Print the figures of both files."""
    folder /= "taidi"
    lexicon = tree(folder)
    for name in (RAW, SEGMENTED):
        told = list(messages(folder, name))
        for half, part in (("looked at", told[::2]), ("kept apart", told[1::2])):
            began = time.process_time()
            found = judged(lexicon, part)
            n = found["n"]
            each = (time.process_time() - began) / n * 1000
            print(
                f"{name:34} {half:10} n {n:5}  first {found['first'] / n:.3f}  among three {found['three'] / n:.3f}"
                f"  nothing said {found['none'] / n:.3f}  {each:.2f} ms each"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
