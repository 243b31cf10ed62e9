#include "node/settings_watch.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "machines/metadata/loader.h"
#include "machines/metadata/records.h"

namespace highwater::node {
namespace {

struct Lines final : LogSink {
  LogLevel threshold() const override { return LogLevel::warn; }
  void write(const LogLine& line) override { texts.emplace_back(line.text); }
  std::vector<std::string> texts;
};

struct Rig {
  void configure(metadata::ResourceType type, const std::string& name, const std::string& key,
                 const std::string& value) {
    messages::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(type);
    record.resource_name = name;
    record.name = key;
    record.value = value;
    metadata::Records records;
    records.push_back({std::move(record), 0});
    REQUIRE(loader.on_batch(records, {next++, 1, 0}).has_value());
    auto publication = loader.publish();
    publisher.publish(publication->image, *publication->delta);
  }

  metadata::MetadataLoader loader{std::make_shared<const metadata::MetadataImage>()};
  engine::MetadataPublisher publisher;
  Offset next = 0;
  Lines lines;
};

}  // namespace

TEST_CASE("a topic whose settings wait is told of once per change") {
  Rig rig;
  SettingsWatch watch(rig.publisher, 1, Logger(rig.lines, "test"));
  watch.start();
  rig.configure(metadata::ResourceType::topic, "orders", "retention.ms", "5");
  rig.configure(metadata::ResourceType::topic, "orders", "max.message.bytes", "7");
  rig.configure(metadata::ResourceType::topic, "orders", "retention.ms", "6");
  const std::string line =
      "Topic orders is configured with settings that are kept and change nothing yet: retention.ms";
  CHECK(rig.lines.texts == std::vector<std::string>{line, line});
}

TEST_CASE("what was set before the start is told at the start, and never a value") {
  Rig rig;
  rig.configure(metadata::ResourceType::broker, "1", "listener.name.x.ssl.keystore.password", "secret");
  rig.configure(metadata::ResourceType::broker, "2", "log.retention.ms", "5");
  rig.configure(metadata::ResourceType::broker, "", "log.retention.ms", "5");
  SettingsWatch watch(rig.publisher, 1, Logger(rig.lines, "test"));
  watch.start();
  REQUIRE(rig.lines.texts.size() == 2);
  CHECK(rig.lines.texts[0].starts_with("The default of all brokers is configured"));
  CHECK(rig.lines.texts[1].ends_with(": listener.name.x.ssl.keystore.password"));
  CHECK(rig.lines.texts[1].find("secret") == std::string::npos);
}

}  // namespace highwater::node
