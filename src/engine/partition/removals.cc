#include "engine/partition/removals.h"

#include <memory>
#include <utility>
#include <vector>

namespace highwater::engine {

Removals::Removals(HostShared& host, LogFolders& folders, Reads& reads, Listener& listener)
    : host_(host), folders_(folders), reads_(reads), listener_(listener), tasks_(host.reactor.ready()) {}

void Removals::remove(const TopicPartition& id) {
  HostedPartition* hosted = host_.hosted.find(id);
  if (hosted == nullptr) return;
  hosted->is_wanted_again = false;
  if (hosted->is_going()) return;
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

// Its entry stays until its folders have other names: the same partition, assigned again, would take them for its own.
io::Task<void> Removals::remove_log(TopicPartition id) {
  HostedPartition& hosted = host_.hosted.at(id);
  co_await hosted.users.none(host_.reactor);
  co_await hosted.partition->store().abandon();
  const std::string path = hosted.partition->identity().path;
  reads_.release(*hosted.partition);
  hosted.partition.reset();
  if (hosted.has_folder) co_await retire(path, id);
  for (const std::vector<FoundLog>* beside : {&hosted.twins, &hosted.copies})
    for (const FoundLog& log : *beside)
      if (!host_.health.has_failed(log.directory)) co_await retire(log.path, id);
  end(id);
}

io::Task<void> Removals::retire(std::string path, TopicPartition id) {
  const HostedPartition& hosted = host_.hosted.at(id);
  auto renamed = co_await folders_.retire(std::move(path), hosted.assignment.topic, id.index, Retired::deleted);
  if (renamed.has_value())
    folders_.remove_later(std::move(*renamed), Duration::from_ms(hosted.settings.file_delete_delay_ms));
}

void Removals::end(const TopicPartition& id) {
  HostedPartition& hosted = host_.hosted.at(id);
  const bool is_wanted_again = hosted.is_wanted_again;
  Assignment assignment = std::move(hosted.assignment);
  const configs::TopicSettings settings = hosted.settings;
  host_.hosted.take_out(id).reset();
  if (is_wanted_again) listener_.on_wanted_again(std::move(assignment), settings);
  host_.operations.end();
}

}  // namespace highwater::engine
