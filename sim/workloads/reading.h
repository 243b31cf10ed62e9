// Records out of fetched batches, handed to the history.
#pragma once

#include <functional>

#include "checkers/history.h"
#include "client/consumer.h"

namespace highwater::sim {

// Calls visit(offset, value, timestamp) for each data record at or after the position. Damage is a violation.
using VisitRecord = std::move_only_function<void(Offset, std::string_view, std::int64_t)>;
void visit_records(History& history, const client::FetchedBatches& fetched, VisitRecord visit);

}  // namespace highwater::sim
