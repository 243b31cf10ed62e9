#include "engine/partition/removals.h"

#include <memory>
#include <utility>

namespace highwater::engine {

Removals::Removals(HostShared& host, LogFolders& folders, Reads& reads)
    : host_(host), folders_(folders), reads_(reads), tasks_(host.reactor.ready()) {}

void Removals::remove(const TopicPartition& id) {
  HostedPartition* hosted = host_.hosted.find(id);
  if (hosted == nullptr || hosted->is_going()) return;
  if (hosted->partition != nullptr) hosted->partition->resign();
  if (hosted->is_opening()) {
    hosted->state = HostedPartition::State::doomed;
  } else {
    begin(*hosted);
  }
}

void Removals::begin(HostedPartition& hosted) {
  hosted.state = HostedPartition::State::removing;
  host_.operations.begin();
  tasks_.spawn(remove_log(hosted.assignment.partition));
}

io::Task<void> Removals::remove_log(TopicPartition id) {
  HostedPartition& hosted = host_.hosted.at(id);
  co_await hosted.users.none(host_.reactor);
  co_await hosted.partition->store().abandon();
  const Partition::Identity identity = hosted.partition->identity();
  const Duration delay = Duration::from_ms(hosted.settings.file_delete_delay_ms);
  reads_.release(*hosted.partition);
  std::unique_ptr<Partition> gone = host_.hosted.take_out(id);
  gone.reset();
  auto renamed = co_await folders_.retire(identity.path, identity.topic, id.index, Retired::deleted);
  if (renamed.has_value()) folders_.remove_later(std::move(*renamed), delay);
  host_.operations.end();
}

}  // namespace highwater::engine
