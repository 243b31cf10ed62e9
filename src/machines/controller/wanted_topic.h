// Inside this room: one topic of a CreateTopics request on its way from the wish to the records.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "machines/controller/controller.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/create_topics_request.h"

namespace highwater::controller {

struct Controller::Wanted {
  const messages::CreateTopicsRequest::CreatableTopic& wish;
  std::string name;
  api::ErrorCode error = api::ErrorCode::none;
  std::string problem;
  Uuid id;
  configs::ConfigMap configs;
  std::map<std::int32_t, metadata::PartitionImage> partitions;

  // Always false, so that a check can return it.
  bool refuse(api::ErrorCode code, std::string text) {
    error = code;
    problem = std::move(text);
    return false;
  }
};

}  // namespace highwater::controller
