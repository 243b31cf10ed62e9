// What the controller is asked to make when a client's request names a topic that does not exist (Kafka:
// AutoTopicCreationManager.creatableTopic). A plain topic takes the cluster's defaults. The topics in which
// coordinators keep their state have a shape of their own: with one partition, or with retention, they would lose what
// coordinators write, and partitions cannot be taken back.
#pragma once

#include <string_view>

#include "machines/configs/broker_settings.h"
#include "protocol/messages/create_topics_request.h"

namespace highwater::server {

messages::CreateTopicsRequest::CreatableTopic wanted_topic(std::string_view name, const configs::StateTopics& shapes);

}  // namespace highwater::server
