#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "node/config/absolute_path.h"
#include "node/config/load.h"
#include "node/config/providers.h"

namespace highwater::node {
namespace {

struct TemporaryFile {
  explicit TemporaryFile(std::string_view content) {
    const int file = mkstemp(path.data());
    REQUIRE(file >= 0);
    close(file);
    std::ofstream(path) << content;
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path = "/tmp/highwater_config_XXXXXX";
};

constexpr std::string_view single_node =
    "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n"
    "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.quorum.voters=1@localhost:9093\n";

std::string load_sentence(const ConfigSources& sources) {
  const auto loaded = load_config(sources);
  return loaded ? "" : loaded.error().text;
}

}  // namespace

TEST_CASE("references are read from files and the environment") {
  const TemporaryFile secrets("password=water\n");
  setenv("HIGHWATER_TEST_VALUE", "seven", 1);
  const auto resolved = resolve_references(
      {{"a", "x${file:" + secrets.path + ":password}y"}, {"b", "${env:HIGHWATER_TEST_VALUE}"}, {"c", "${vault:k}"}});
  REQUIRE(resolved.has_value());
  CHECK(*resolved == configs::ConfigMap{{"a", "xwatery"}, {"b", "seven"}, {"c", "${vault:k}"}});
  CHECK(resolve_references({{"k", "${env:HIGHWATER_NOT_THERE}"}}).error().text ==
        "configuration k asks for the environment variable HIGHWATER_NOT_THERE, which is not set: export it");
  CHECK(resolve_references({{"k", "${file:/not/there:x}"}}).error().text.find("/not/there") != std::string::npos);
  CHECK(resolve_references({{"k", "${file:" + secrets.path + ":user}"}}).error().text.find("the key user") !=
        std::string::npos);
}

TEST_CASE("unknown keys and keys without effect are warned about, defaults are not") {
  CHECK(config_warnings({{"num.partition", "3"}}) ==
        std::vector<std::string>{
            "Configuration 'num.partition' is not known and has no effect; did you mean 'num.partitions'?"});
  CHECK(config_warnings({{"log.cleaner.threads", "4"}, {"num.partitions", "4"}, {"offsets.topic.num.partitions", "50"}})
            .empty());
  CHECK(config_warnings({{"ssl.key.password", "secret"}}) ==
        std::vector<std::string>{
            "Configuration 'ssl.key.password' is set to '[hidden]', but this version does not act on it yet."});
}

TEST_CASE("keys of an authorizer are called what they are") {
  const auto warnings = config_warnings({{"super.users", "User:admin"}});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "Configuration 'super.users' is for a plug-in and has no effect yet.");
}

TEST_CASE("overrides win over the file and bad ones name themselves") {
  const TemporaryFile file(single_node);
  const auto loaded = load_config({{}, file.path, {"num.partitions=7", "num.partitions=8"}});
  REQUIRE_MESSAGE(loaded.has_value(), load_sentence({{}, file.path, {}}));
  CHECK(loaded->settings.topics.num_partitions == 8);
  CHECK_FALSE(loaded->settings.advertised_listeners.front().host.empty());
  CHECK(load_sentence({{}, file.path, {"num.partitions"}}) == "--override num.partitions is not of the form key=value");
  CHECK(load_sentence({{}, file.path, {"num.partitions=none"}}) ==
        file.path + ": Invalid value none for configuration num.partitions: Not a number of type INT");
  CHECK(load_sentence({{}, "/not/there.properties", {}}) ==
        "cannot read /not/there.properties: No such file or directory");
}

TEST_CASE("dev needs no file") {
  const auto loaded = load_config({dev_preset("data", 9092), "", {"num.partitions=3"}});
  REQUIRE_MESSAGE(loaded.has_value(), load_sentence({dev_preset("data", 9092), "", {}}));
  CHECK(loaded->warnings.empty());
  CHECK(loaded->settings.log_dirs == std::vector<std::string>{"data"});
  CHECK(loaded->settings.topics.num_partitions == 3);
  CHECK(load_config({dev_preset("data", 0), "", {}}).has_value());
}

TEST_CASE("log directories are called as java calls them, and their text stays") {
  CHECK(absolute_path("/d//one/./x/../", "/here") == "/d/one/./x/..");
  CHECK(absolute_path("./data", "/here") == "/here/./data");
  CHECK(absolute_path("data", "/") == "/data");
  CHECK(absolute_path("", "/here") == "/here");
  CHECK(absolute_path("//", "/here") == "/");

  auto loaded = load_config(
      {dev_preset("/d/one/,./two,/d/one/", 0), "", {"metadata.log.dir=two//", "cordoned.log.dirs=/d/one/"}});
  REQUIRE(loaded.has_value());
  CHECK(loaded->settings.log_dirs.front() == "/d/one/");  // as format tells it
  REQUIRE(fit_to_machine(loaded->settings).has_value());
  CHECK(loaded->settings.log_dirs == std::vector<std::string>{"/d/one", working_directory() + "/./two"});
  CHECK(loaded->settings.metadata_log_dir == working_directory() + "/two");
  CHECK(loaded->settings.text.at("log.dirs") == "/d/one/,./two,/d/one/");
  auto twice = load_config({dev_preset("/d/one/,/d/one", 0), "", {}});
  REQUIRE(twice.has_value());
  const auto refused = fit_to_machine(twice->settings);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.starts_with("Duplicate log directory found"));
}

TEST_CASE("a limit of a host without an address stops a server, not a look at its file") {
  const auto sources = [](const std::string& host) {
    return ConfigSources{dev_preset("data", 0), "", {"max.connections.per.ip.overrides=127.0.0.1:3," + host + ":5"}};
  };
  auto numeric = load_config(sources("::1"));
  REQUIRE(numeric.has_value());
  CHECK(fit_to_machine(numeric->settings).has_value());
  auto nobody = load_config(sources("nohost.invalid"));
  REQUIRE(nobody.has_value());
  const auto refused = fit_to_machine(nobody->settings);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find("max.connections.per.ip.overrides: nohost.invalid: ") != std::string::npos);
}

TEST_CASE("reporters of metrics that are foreign are told to hear nothing") {
  CHECK(config_warnings({{"metric.reporters", "org.apache.kafka.common.metrics.JmxReporter"}}).empty());
  CHECK(config_warnings({{"metric.reporters", ""}}).empty());
  const auto warnings = config_warnings({{"metric.reporters", "org.apache.kafka.common.metrics.JmxReporter,a.B"}});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("nothing is reported") != std::string::npos);
}

TEST_CASE("the file is latin-1 and what it refers to is utf-8") {
  const TemporaryFile file(std::string(single_node) + "broker.rack=\xE9\xE8\n");
  const auto loaded = load_config({{}, file.path, {}});
  REQUIRE_MESSAGE(loaded.has_value(), load_sentence({{}, file.path, {}}));
  CHECK(loaded->settings.rack == "\xC3\xA9\xC3\xA8");
  const TemporaryFile secrets("a=\xC3\xA9\n");
  CHECK(resolve_references({{"k", "${file:" + secrets.path + ":a}"}}).value().at("k") == "\xC3\xA9");
  const TemporaryFile latin("a=\xE9\n");
  CHECK(resolve_references({{"k", "${file:" + latin.path + ":a}"}}).error().text.find("UTF-8") != std::string::npos);
}

TEST_CASE("arguments and the environment are utf-8 or refused") {
  setenv("HIGHWATER_TEST_LATIN", "\xE9", 1);
  for (const char* rack : {"broker.rack=\xE9", "broker.rack=${env:HIGHWATER_TEST_LATIN}"})
    CHECK(load_sentence({dev_preset("data", 0), "", {rack}}).starts_with("configuration broker.rack is not UTF-8"));
  CHECK(load_sentence({dev_preset("data", 0), "", {"broker.rack=\xC3\xA9"}}).empty());
}

TEST_CASE("a secret may be a file of a directory") {
  std::string folder = "/tmp/highwater_secrets_XXXXXX";
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/password") << "wat\xC3\xA9r";
  std::ofstream(folder + "/latin") << "\xE9";
  const auto resolved = resolve_references({{"k", "<${directory:" + folder + ":password}>"}});
  REQUIRE(resolved.has_value());
  CHECK(resolved->at("k") == "<wat\xC3\xA9r>");
  const auto refusal = [&](const std::string& path, const std::string& key) {
    const auto read = resolve_references({{"k", "${directory:" + path + ":" + key + "}"}});
    return read ? "" : read.error().text;
  };
  CHECK(refusal(folder, "user") ==
        "configuration k asks " + folder + " for the file user, which is not there or no regular file: add it");
  CHECK(refusal(folder, "latin") == "configuration k refers to a file: the text of " + folder + "/latin is not UTF-8");
  CHECK(refusal("/tmp", folder.substr(5) + "/password").find("is not there") != std::string::npos);
  CHECK(refusal(folder, ".").find("no regular file") != std::string::npos);
  for (const char* name : {"/password", "/latin"}) unlink((folder + name).c_str());
  rmdir(folder.c_str());
}

}  // namespace highwater::node
