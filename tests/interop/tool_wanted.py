"""Where Apache's tools may say something else of Highwater, and why: three exceptions, and APIs that are not built."""

import re

# APIs that kafka-broker-api-versions calls UNSUPPORTED, and what they wait for.
MISSING = {
    "OffsetCommit": "consumer groups",
    "OffsetFetch": "consumer groups",
    "FindCoordinator": "consumer groups",
    "JoinGroup": "consumer groups",
    "Heartbeat": "consumer groups",
    "LeaveGroup": "consumer groups",
    "SyncGroup": "consumer groups",
    "DescribeGroups": "consumer groups",
    "ListGroups": "consumer groups",
    "DeleteGroups": "consumer groups",
    "OffsetDelete": "consumer groups",
    "ConsumerGroupHeartbeat": "consumer groups",
    "ConsumerGroupDescribe": "consumer groups",
    "AddPartitionsToTxn": "the transaction coordinator",
    "AddOffsetsToTxn": "the transaction coordinator",
    "EndTxn": "the transaction coordinator",
    "WriteTxnMarkers": "the transaction coordinator",
    "TxnOffsetCommit": "the transaction coordinator",
    "DescribeTransactions": "the transaction coordinator",
    "ListTransactions": "the transaction coordinator",
    "SaslHandshake": "security",
    "SaslAuthenticate": "security",
    "DescribeAcls": "security",
    "CreateAcls": "security",
    "DeleteAcls": "security",
    "CreateDelegationToken": "security",
    "RenewDelegationToken": "security",
    "ExpireDelegationToken": "security",
    "DescribeDelegationToken": "security",
    "ShareGroupHeartbeat": "share groups",
    "ShareGroupDescribe": "share groups",
    "ShareFetch": "share groups",
    "ShareAcknowledge": "share groups",
    "InitializeShareGroupState": "share groups",
    "ReadShareGroupState": "share groups",
    "WriteShareGroupState": "share groups",
    "DeleteShareGroupState": "share groups",
    "ReadShareGroupStateSummary": "share groups",
    "DescribeShareGroupOffsets": "share groups",
    "AlterShareGroupOffsets": "share groups",
    "DeleteShareGroupOffsets": "share groups",
    "StreamsGroupHeartbeat": "streams groups",
    "StreamsGroupDescribe": "streams groups",
    "AddRaftVoter": "several nodes",
    "RemoveRaftVoter": "several nodes",
}
OWN_KEYS = "Highwater has configuration keys of its own"
NO_GROUPS = "kafka-configs lists the groups before it describes one, and ListGroups is not built"
MADE_ON_DEMAND = "a topic that Metadata makes on demand is in its answer already; Apache's client asks again, with a warning"
MISSING_APIS = "APIs that are not built are told as UNSUPPORTED"

OWN_KEY = re.compile(r"  (log\.durability|highwater\.[a-z.]+)=")
API = re.compile(r"\t(\w+)\((\d+)\): (.*)")


def without_own_keys(answer):
    status, out, err = answer
    return status, [line for line in out if not OWN_KEY.match(line)], err


def without_missing(answer):
    status, out, err = answer
    return status, [line for line in out if not (API.match(line) and API.match(line).group(1) in MISSING)], err


def without_wanted(line, theirs, ours):
    """(reason, theirs, ours) without what may differ."""
    if "kafka-broker-api-versions" in line:
        return MISSING_APIS, without_missing(theirs), without_missing(ours)
    if "--describe --group readers" in line and any("does not support LIST_GROUPS" in error for error in ours[2]):
        return NO_GROUPS, None, None
    if "kafka-producer-perf-test" in line:
        return MADE_ON_DEMAND, without_asking_again(theirs), ours
    return OWN_KEYS, theirs, without_own_keys(ours)


def without_asking_again(answer):
    status, out, err = answer
    return status, out, [line for line in err if "=UNKNOWN_TOPIC_OR_PARTITION}" not in line]


def told_unsupported(answers):
    """The APIs that Highwater calls UNSUPPORTED and Apache does not, at any listener."""
    names = set()
    for line, (_, out, _) in answers:
        if "kafka-broker-api-versions" in line:
            found = (API.match(text) for text in out)
            names |= {match.group(1) for match in found if match and match.group(3).startswith("UNSUPPORTED")}
    return names
