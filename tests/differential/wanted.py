"""The differences between Apache Kafka's answers and ours that are wanted, each with its reason. At most 30.

An entry names the API by key, the path of the difference as a regular expression, and may look at the request and at
both values. Whatever is not listed here is a bug of ours or an entry to be argued for."""

import re
from dataclasses import dataclass
from typing import Callable, Optional

from nodes import CLOSED, SILENT


@dataclass
class Wanted:
    key: Optional[int]  # None: any
    path: str
    reason: str
    # Sees the request, both values at the path, and both answers.
    when: Callable = lambda request, apache, ours, answers: True
    ends: bool = False  # the nodes hold different things afterwards: the sequence ends here

    def matches(self, request, difference, answers):
        path, apache, ours = difference
        return (self.key in (None, request.key) and re.fullmatch(self.path, path) is not None
                and bool(self.when(request, apache, ours, answers)))


OWN_KEY = r"(highwater\..*|log\.durability)"


def refuses_transactional_records(request, answer):
    return request.value.get("TransactionalId") is not None and all(
        partition["ErrorCode"] == 53 for topic in answer["Responses"] for partition in topic["PartitionResponses"])


def names_a_partition_twice(request):
    places = [(str(topic.get("Name", topic.get("TopicId"))), partition["Index"])
              for topic in request.value["TopicData"] for partition in topic["PartitionData"] or []]
    return len(set(places)) < len(places)


def names_partitions_of_no_id(request):
    topics = request.value["Topics"]
    return (request.version >= 13 and any(topic["TopicId"] == bytes(16) for topic in topics)
            and sum(len(topic["Partitions"]) for topic in topics) > 1)


def only_unknown_ids(answer):
    return all(partition["ErrorCode"] == 100 for topic in answer["Responses"] for partition in topic["Partitions"])


def names_a_resource_twice(request):
    names = [(one["ResourceType"], one["ResourceName"]) for one in request.value["Resources"]]
    return len(set(names)) < len(names)


def session_elsewhere(request, apache, ours, answers):
    return (request.reconnected and request.value.get("SessionId", 0) != 0
            and any(answer.get("ErrorCode") in (70, 71) for answer in answers))


def session_off_the_table(request):
    """Apache spreads sessions over eight tables by the size of their ids, and has none for the largest and the negative."""
    session = request.value.get("SessionId", 0)
    return isinstance(session, int) and not 0 <= session < (2**31 - 1) // 8 * 8


def of_a_logger(request, apache, ours, answers):
    """Entries of this kind carry the source that only loggers have."""
    dynamic_logger = 6
    return any(isinstance(one, dict) and one.get("ConfigSource") == dynamic_logger
               or isinstance(one, list) and any(entry.get("ConfigSource") == dynamic_logger for entry in one if isinstance(entry, dict))
               for one in (apache, ours))


def all_unknown(request, answer):
    results = answer["Topics" if request.key == 19 else "Results"] if isinstance(answer, dict) else []
    return bool(results) and all(one["ErrorCode"] == -1 for one in results)


def asks_for_billions(request, ours):
    """Also when a flipped bit does, of which our answer alone tells."""
    if request.frame_seed is not None and all_unknown(request, ours):
        return True
    counts = [topic.get("Count", topic.get("NumPartitions")) for topic in request.value["Topics"] if isinstance(topic, dict)]
    return any(isinstance(count, int) and count > 1 << 30 for count in counts)


def sum_is_no_number(request):
    counts = [topic["NumPartitions"] for topic in request.value["Topics"] if isinstance(topic, dict)]
    return all(isinstance(count, int) for count in counts) and sum(abs(count) for count in counts) > (1 << 31) - 1


def finds_behind_the_start(request, answers):
    """Of every partition for which Apache alone found nothing, a record at or after the time was asked for and found."""
    asked = {(topic["Name"], one["PartitionIndex"]): one["Timestamp"] for topic in request.value["Topics"] for one in topic["Partitions"]}
    apache, ours = ({(topic["Name"], one["PartitionIndex"]): one for topic in answer["Topics"] for one in topic["Partitions"]}
                    for answer in answers)
    found_alone = {place: one["Timestamp"] for place, one in ours.items() if one["Offset"] != -1 and apache[place]["Offset"] == -1}
    return all(asked[place] >= 0 and (time == "now" or time >= asked[place]) for place, time in found_alone.items())


WANTED = [
    Wanted(None, rf".*Configs\.{OWN_KEY}", "our own settings are shown beside Kafka's",
           lambda request, apache, ours, answers: apache == "absent"),
    Wanted(None, r"answer", "a negative length other than -1 is refused by closing, as where nothing may be null; Apache takes it as null",
           lambda request, apache, ours, answers: ours == CLOSED and any(sign in one for one in request.mangled for sign in ("Raw(fffffffe)", "Raw(ffffffff0f)", ", of a null"))),
    Wanted(32, r"answer\.Results.*\.Configs.*", "each node shows the loggers that it has", of_a_logger),
    Wanted(33, r"answer", "Apache never answers a request that names a resource twice",
           lambda request, apache, ours, answers: apache == SILENT and names_a_resource_twice(request)),
    Wanted(None, r".*\.Documentation", "the documentation of settings is in our words",
           lambda request, apache, ours, answers: bool(apache) and bool(ours)),
    Wanted(0, r"answer", "Apache never answers a request with null records",
           lambda request, apache, ours, answers: apache == SILENT and "'Records': None" in str(request.value)),
    Wanted(0, r"answer\.Responses.*", "of a partition that is named twice we take the last records; Apache appends those that may be sent and answers for the others",
           lambda request, apache, ours, answers: names_a_partition_twice(request), ends=True),
    Wanted(1, r".*\.Records\[\d+\]\.packed\.(length|crc|payload)", "of a batch that the topic's codec made anew two compressors write other bytes"),
    Wanted(35, r".*\.PartitionSize", "and so the logs that hold such batches have other sizes",
           lambda request, apache, ours, answers: request.repacked and 0.5 < (apache + 1) / (ours + 1) < 2),
    Wanted(1, r".*\.Records\[#\]", "we send whole batches only; Apache fills the rest of the bytes asked for with the begin of the next",
           lambda request, apache, ours, answers: ours == [] and all("part_of_a_batch" in one for one in apache)),
    Wanted(1, r"answer\..*", "a session id that Apache's tables have no room for fails the request (UNKNOWN_SERVER_ERROR); we know no such session",
           lambda request, apache, ours, answers: answers[0].get("ErrorCode") == -1 and session_off_the_table(request),
           ends=True),
    Wanted(1, r"answer\..*", "a fetch session belongs to a core, and a new connection may come to another one",
           session_elsewhere),
    Wanted(1, r".*\.ErrorCode", "in a session we answer a topic that went away by its id, Apache by the name that it still remembers",
           lambda request, apache, ours, answers: apache in (3, 103) and ours == 100 and request.value.get("SessionId", 0) != 0),
    Wanted(1, r"answer\..*", "for Apache a topic that came again is there under the name that a session remembers, and so an unknown isolation level fails the request",
           lambda request, apache, ours, answers: answers[0].get("ErrorCode") == -1 and request.value.get("IsolationLevel") not in (0, 1)
           and request.value.get("SessionId", 0) != 0 and only_unknown_ids(answers[1]), ends=True),
    Wanted(1, r"answer\..*", "the topic id zero beside another partition fails Apache's whole answer, as a null pointer; we say UNKNOWN_TOPIC_ID of it",
           lambda request, apache, ours, answers: answers[0].get("ErrorCode") == -1 and names_partitions_of_no_id(request), ends=True),
    Wanted(1, r".*\.AbortedTransactions", "without records there is no difference between no list and an empty one",
           lambda request, apache, ours, answers: not apache and not ours),
    Wanted(2, r"answer\.Topics.*\.(Offset|Timestamp|LeaderEpoch)", "by time Apache looks into one segment, and finds nothing when the log starts behind the only records in it that are late enough; we look on",
           lambda request, apache, ours, answers: apache == -1 and not request.mangled and request.frame_seed is None and finds_behind_the_start(request, answers)),
    Wanted(18, r"answer\.(ApiKeys|SupportedFeatures|FinalizedFeatures)\..*", "APIs and features that are not built yet are not advertised",
           lambda request, apache, ours, answers: ours == "absent"),
    Wanted(None, r"answer\..*", "what is known of a client instance goes with its connection; Apache may throttle it for what came over an earlier one",
           lambda request, apache, ours, answers: request.key in (71, 72) and bool(request.mangled) and answers[0].get("ErrorCode") == 89),
    Wanted(75, r"answer\..*", "Apache fails the whole request over an empty topic name, as a null pointer; we say INVALID_TOPIC_EXCEPTION",
           lambda request, apache, ours, answers: any(topic["ErrorCode"] == -1 and topic["Name"] == "" for topic in answers[0]["Topics"])),
    Wanted(75, r"answer\.NextCursor", "Apache adds beyond the largest index and goes on at a negative one",
           lambda request, apache, ours, answers: isinstance(apache, dict) and apache["PartitionIndex"] < 0),
    Wanted(None, r"answer.*", "Apache makes a list as long as the count of partitions, and without memory for it fails the whole request",
           lambda request, apache, ours, answers: request.key in (19, 37) and asks_for_billions(request, answers[1]) and (
               apache == SILENT or all_unknown(request, answers[0])),
           ends=True),
    Wanted(19, r"answer\.Topics.*\.Error(Code|Message)", "a sum of partitions beyond the largest number is negative for Apache, and passes the limit that it is checked with",
           lambda request, apache, ours, answers: sum_is_no_number(request) and all(topic["ErrorCode"] == 44 for topic in answers[1]["Topics"]),
           ends=True),
    Wanted(None, r"answer\.Responses.*\.ErrorMessage", "of listeners that cannot be, a running node says what a starting one says: which one, and what to write",
           lambda request, apache, ours, answers: request.key in (33, 44) and str(apache).startswith(("Error creating broker listeners", "Unable to parse a listener name"))),
    Wanted(0, r"answer\.Responses\..*\.ErrorCode", "transactional records belong to the transaction coordinator, which is not built yet",
           lambda request, apache, ours, answers: refuses_transactional_records(request, answers[1]), ends=True),
    Wanted(22, r"answer\.ErrorCode", "transactional ids belong to the transaction coordinator, which is not built yet",
           lambda request, apache, ours, answers: bool(request.value.get("TransactionalId")) and ours == 53 and apache in (14, 15, 16)),
]

assert len(WANTED) <= 30
