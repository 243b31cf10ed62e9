"""The differences between Apache Kafka's answers and ours that are wanted, each with its reason. At most 30.

An entry names the API by key, the path of the difference as a regular expression, and may look at the request and at
both values. Whatever is not listed here is a bug of ours or an entry to be argued for."""

import re
from dataclasses import dataclass
from typing import Callable, Optional


@dataclass
class Wanted:
    key: Optional[int]  # None: any
    path: str
    reason: str
    # Sees the request, both values at the path, and both answers.
    when: Callable = lambda request, apache, ours, answers: True

    def matches(self, request, difference, answers):
        path, apache, ours = difference
        return (self.key in (None, request.key) and re.fullmatch(self.path, path) is not None
                and bool(self.when(request, apache, ours, answers)))


OWN_KEY = r"(highwater\..*|log\.durability)"


def made_on_demand(request, apache, ours, answers):
    """Apache says that it does not know the topic (yet), we have made it."""
    errors = [{topic["Name"]: topic["ErrorCode"] for topic in answer["Topics"]} for answer in answers]
    return bool(request.touches) and any(errors[0].get(name) in (3, 5) and errors[1].get(name) == 0 for name in request.touches)


WANTED = [
    Wanted(None, rf".*Configs\.{OWN_KEY}", "our own settings are shown beside Kafka's",
           lambda request, apache, ours, answers: apache == "absent"),
    Wanted(None, r".*ErrorMessage", "a sentence of ours where Apache has one of its own",
           lambda request, apache, ours, answers: isinstance(apache, str) and isinstance(ours, str) and "absent" not in (apache, ours)),
    Wanted(0, r".*\.ErrorMessage", "we say why where Apache's UNKNOWN_SERVER_ERROR says nothing",
           lambda request, apache, ours, answers: apache is None),
    Wanted(3, r"answer\.Topics.*", "a topic that Metadata makes on demand is in its answer already; Apache's client asks again",
           made_on_demand),
    Wanted(18, r"answer\.(ApiKeys|SupportedFeatures|FinalizedFeatures)\..*", "APIs and features that are not built yet are not advertised",
           lambda request, apache, ours, answers: ours == "absent"),
    Wanted(22, r"answer\..*", "transactional ids belong to the transaction coordinator, which is not built yet",
           lambda request, apache, ours, answers: bool(request.value.get("TransactionalId"))),
]

assert len(WANTED) <= 30
