"""What nodrop and public corpora of other linters say of the same objects: agreements, and why the others differ.

Usage: python benchmarks/corpora.py FOLDER...: ingress-gce's pkg, Polaris' test/checks, kube-score's score/testdata,
kube-linter's tests/checks, each within a checkout. Topics and reasons stand in corpora.toml. Ends with
1 where a difference has no reason, or a reason no difference.
"""

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from corpora_rows import Row, rows_of
from corpora_served import served

from nodrop.judge import judge

_TABLES = Path(__file__).with_suffix(".toml")
_ANSWERS = ("agree", "differ", "not judged")
"""Not judged: the corpus lets it pass, and nodrop neither finds anything nor follows a path to a Deployment."""
_OF_OBJECTS = ("object-is-accepted", "object-leads-on")


def found(row: Row, topic: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What nodrop says of a row within its topic, and whether it judged a path at all.

    It says rules, with kind and field where they are about objects, and why it does not judge.
    """
    judgement = judge(served(row.objects, topic.get("leave", ())))
    told = []
    for each in (*judgement.objects, *(each for path in judgement.paths for each in path.diagnostics)):
        at = f"{each.object.kind if each.object else ''}:{each.field or each.input}"
        if each.rule in topic.get("rules", ()):
            told.append(each.rule)
        elif each.rule in _OF_OBJECTS and any(fnmatchcase(at, pattern) for pattern in topic.get("fields", ())):
            told.append(f"{each.rule} {at}")
    reasons = [reason for path in judgement.paths for reason in path.not_judged]
    told += [
        f"not judged: {reason}"
        for reason in (*reasons, *map(str, judgement.passed_over))
        if any(words in reason for words in topic.get("not_judged", ()))
    ]
    return told, any(path.path is not None for path in judgement.paths)


def main() -> int:
    """Print counts a topic, and each difference with its reason."""
    tables = tomllib.loads(_TABLES.read_text())
    counts: dict[str, Counter[str]] = defaultdict(Counter, {each["name"]: Counter() for each in tables["topic"]})
    left_out: Counter[str] = Counter()
    used: set[str] = set()
    unexplained = 0
    for folder in map(Path, sys.argv[1:]):
        for row in rows_of(folder.resolve()):
            topic = next((each for each in tables["topic"] if row.check in each["checks"]), None)
            if topic is None:
                left_out[row.check] += 1
                continue
            told, judged = found(row, topic)
            answer = "agree" if bool(told) == row.finds else "differ"
            if not told and not judged and not row.finds:
                answer = "not judged"
            for name in (topic["name"], row.name.partition("/")[0]):
                counts[name][answer] += 1
            if answer != "differ":
                continue
            key = f"{row.name} {topic['name']}"
            reason = next((each for each in tables["reason"] for it in each["rows"] if fnmatchcase(key, it)), None)
            used.update(it for each in tables["reason"] for it in each["rows"] if fnmatchcase(key, it))
            unexplained += reason is None
            print(f"{key}\n  corpus: {'finding' if row.finds else 'passes'}; nodrop: {'; '.join(told) or 'silent'}")
            print(f"  {reason['why'] if reason else 'NO REASON'}")
    print(f"\n{'topic':<30}" + "".join(f"{answer:>12}" for answer in _ANSWERS))
    for name, count in counts.items():
        print(f"{name:<30}" + "".join(f"{count[answer]:>12}" for answer in _ANSWERS))
    print(f"left out, as no topic of nodrop's: {sum(left_out.values())} rows of {len(left_out)} checks")
    idle = [it for each in tables["reason"] for it in each["rows"] if it not in used]
    for each in idle:
        print(f"reason without a difference: {each}")
    return 1 if unexplained or idle else 0


if __name__ == "__main__":
    sys.exit(main())
