/* librdkafka's C interface: producer, assigned consumer, admin. ../contract.py describes what it speaks. Only what the
 * oldest library that is tried (2.0.2) has is used: one source serves all; it alters configurations in the old, full way. */

#include <rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { records = 1000, wait_ms_max = 20000, settle_tries_max = 200, settle_pause_us = 50000 };

static const char* const variants[] = {"none", "gzip", "snappy", "lz4", "zstd", "idempotent"};
enum { variant_count = sizeof variants / sizeof variants[0] };
static const char *bootstrap, *prefix;
static char problem[512];

/* Notes why the cell is red; returns 0, which stands for failure here. */
static int fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(problem, sizeof problem, format, arguments);
  va_end(arguments);
  for (char* at = problem; *at; ++at)
    if (*at == '"' || *at == '\\' || *at == '\n') *at = ' ';
  return 0;
}

static void topic_of(char* out, size_t size, const char* variant) { snprintf(out, size, "%s-%s", prefix, variant); }

static int value_of(char* out, size_t size, int index) {
  int length = snprintf(out, size, "value-%04d-", index);
  memset(out + length, 'x', index % 100);
  return length + index % 100;
}

static rd_kafka_t* client(rd_kafka_type_t type, const char* const* settings) {
  char why[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof why);
  for (; *settings; settings += 2)
    if (rd_kafka_conf_set(conf, settings[0], settings[1], why, sizeof why) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      fail("%s", why);
      return NULL;
    }
  rd_kafka_t* handle = rd_kafka_new(type, conf, why, sizeof why);
  if (!handle) fail("%s", why);
  return handle;
}

static int delivered;

static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque) {
  if (message->err)
    fail("%s: %s", rd_kafka_topic_name(message->rkt), rd_kafka_err2str(message->err));
  else
    ++delivered;
}

static int produce_one(const char* variant) {
  int idempotent = strcmp(variant, "idempotent") == 0;
  char topic[256], why[256], key[32], value[256], number[16];
  topic_of(topic, sizeof topic, variant);
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof why);
  rd_kafka_conf_set(conf, "linger.ms", "5", why, sizeof why);
  rd_kafka_conf_set(conf, "message.timeout.ms", "20000", why, sizeof why);
  rd_kafka_conf_set(conf, "enable.idempotence", idempotent ? "true" : "false", why, sizeof why);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  if (rd_kafka_conf_set(conf, "compression.codec", idempotent ? "lz4" : variant, why, sizeof why) != RD_KAFKA_CONF_OK)
    return fail("%s", why);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!handle) return fail("%s", why);
  delivered = 0;
  problem[0] = 0;
  for (int index = 0; index < records; ++index) {
    int size = value_of(value, sizeof value, index);
    snprintf(key, sizeof key, "key-%04d", index);
    snprintf(number, sizeof number, "%d", index);
    rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY(key, strlen(key)),
                      RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                      RD_KAFKA_V_HEADER("index", number, -1), RD_KAFKA_V_HEADER("kind", "interop", -1), RD_KAFKA_V_END);
  }
  rd_kafka_flush(handle, wait_ms_max);
  rd_kafka_destroy(handle);
  if (problem[0]) return 0;
  return delivered == records ? 1 : fail("%s: %d delivered", variant, delivered);
}

static int header_is(const rd_kafka_headers_t* headers, size_t at, const char* name, const char* wanted) {
  const char* found_name;
  const void* found;
  size_t size;
  return rd_kafka_header_get_all(headers, at, &found_name, &found, &size) == RD_KAFKA_RESP_ERR_NO_ERROR &&
         strcmp(found_name, name) == 0 && size == strlen(wanted) && memcmp(found, wanted, size) == 0;
}

static int check(const rd_kafka_message_t* message, int index) {
  char key[32], value[256], number[16];
  rd_kafka_headers_t* headers;
  int size = value_of(value, sizeof value, index);
  snprintf(key, sizeof key, "key-%04d", index);
  snprintf(number, sizeof number, "%d", index);
  if (message->offset != index || message->key_len != strlen(key) || memcmp(message->key, key, message->key_len) != 0 ||
      message->len != (size_t)size || memcmp(message->payload, value, message->len) != 0)
    return fail("%s record %d differs", rd_kafka_topic_name(message->rkt), index);
  if (rd_kafka_message_headers(message, &headers) || rd_kafka_header_cnt(headers) != 2 ||
      !header_is(headers, 0, "index", number) || !header_is(headers, 1, "kind", "interop"))
    return fail("%s headers of record %d differ", rd_kafka_topic_name(message->rkt), index);
  return 1;
}

static int consume_one(const char* variant) {
  static const char* const settings[] = {"group.id", "unused", "enable.auto.commit", "false", NULL};
  char topic[256];
  topic_of(topic, sizeof topic, variant);
  rd_kafka_t* handle = client(RD_KAFKA_CONSUMER, settings);
  if (!handle) return 0;
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(handle, list);
  rd_kafka_topic_partition_list_destroy(list);
  int ok = 1;
  for (int index = 0; ok && index < records; ++index) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle, wait_ms_max);
    if (!message)
      ok = fail("%s: nothing after %d records", topic, index);
    else if (message->err)
      ok = fail("%s: %s", topic, rd_kafka_message_errstr(message));
    else
      ok = check(message, index);
    if (message) rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
  return ok;
}

/* -- admin ----------------------------------------------------------------------------------------------------------- */

static rd_kafka_t* admin_client;
static rd_kafka_queue_t* answers;
static char admin_topic[256];

/* Waits for an answer; NULL and a noted problem if it is an error as a whole. */
static rd_kafka_event_t* answer(const char* what) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(answers, wait_ms_max);
  if (!event) {
    fail("%s: no answer", what);
  } else if (rd_kafka_event_error(event)) {
    fail("%s: %s", what, rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
    event = NULL;
  }
  return event;
}

static int topics_without_error(const char* what, const rd_kafka_topic_result_t** results, size_t count) {
  for (size_t at = 0; at < count; ++at)
    if (rd_kafka_topic_result_error(results[at])) return fail("%s: %s", what, rd_kafka_topic_result_error_string(results[at]));
  return count == 1 ? 1 : fail("%s: %zu results", what, count);
}

static int create_topic(void) {
  char why[256];
  size_t count;
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(admin_topic, 2, 1, why, sizeof why);
  rd_kafka_NewTopic_set_config(topic, "retention.ms", "86400000");
  rd_kafka_CreateTopics(admin_client, &topic, 1, NULL, answers);
  rd_kafka_NewTopic_destroy(topic);
  rd_kafka_event_t* event = answer("create");
  if (!event) return 0;
  const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  int ok = topics_without_error("create", results, count);
  rd_kafka_event_destroy(event);
  return ok;
}

static int create_partitions(void) {
  char why[256];
  size_t count;
  rd_kafka_NewPartitions_t* wanted = rd_kafka_NewPartitions_new(admin_topic, 4, why, sizeof why);
  rd_kafka_CreatePartitions(admin_client, &wanted, 1, NULL, answers);
  rd_kafka_NewPartitions_destroy(wanted);
  rd_kafka_event_t* event = answer("create partitions");
  if (!event) return 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), &count);
  int ok = topics_without_error("create partitions", results, count);
  rd_kafka_event_destroy(event);
  return ok;
}

static int delete_topic(void) {
  size_t count;
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(admin_topic);
  rd_kafka_DeleteTopics(admin_client, &topic, 1, NULL, answers);
  rd_kafka_DeleteTopic_destroy(topic);
  rd_kafka_event_t* event = answer("delete");
  if (!event) return 0;
  const rd_kafka_topic_result_t** results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  int ok = topics_without_error("delete", results, count);
  rd_kafka_event_destroy(event);
  return ok;
}

static int delete_records(void) {
  char topic[256];
  topic_of(topic, sizeof topic, "none");
  rd_kafka_topic_partition_list_t* before = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(before, topic, 0)->offset = 10;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(before);
  rd_kafka_DeleteRecords(admin_client, &request, 1, NULL, answers);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(before);
  rd_kafka_event_t* event = answer("delete records");
  if (!event) return 0;
  const rd_kafka_topic_partition_list_t* low = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
  int ok = low->cnt == 1 && !low->elems[0].err && low->elems[0].offset == 10;
  if (!ok) fail("delete records: %s, low watermark %d", rd_kafka_err2str(low->elems[0].err), (int)low->elems[0].offset);
  rd_kafka_event_destroy(event);
  return ok;
}

static int alter_retention(void) {
  size_t count;
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, admin_topic);
  rd_kafka_ConfigResource_set_config(resource, "retention.ms", "3600000");
  rd_kafka_AlterConfigs(admin_client, &resource, 1, NULL, answers);
  rd_kafka_ConfigResource_destroy(resource);
  rd_kafka_event_t* event = answer("alter configs");
  if (!event) return 0;
  const rd_kafka_ConfigResource_t** results =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count);
  int ok = count == 1 && !rd_kafka_ConfigResource_error(results[0]);
  if (!ok) fail("alter configs: %s", rd_kafka_ConfigResource_error_string(results[0]));
  rd_kafka_event_destroy(event);
  return ok;
}

static int retention_is(const char* wanted) {
  size_t count, entries;
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, admin_topic);
  rd_kafka_DescribeConfigs(admin_client, &resource, 1, NULL, answers);
  rd_kafka_ConfigResource_destroy(resource);
  rd_kafka_event_t* event = answer("describe configs");
  if (!event) return 0;
  const rd_kafka_ConfigResource_t** results =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
  const rd_kafka_ConfigEntry_t** found = rd_kafka_ConfigResource_configs(results[0], &entries);
  int ok = 0;
  for (size_t at = 0; at < entries && !ok; ++at)
    ok = strcmp(rd_kafka_ConfigEntry_name(found[at]), "retention.ms") == 0 &&
         strcmp(rd_kafka_ConfigEntry_value(found[at]), wanted) == 0;
  rd_kafka_event_destroy(event);
  return ok ? 1 : fail("retention.ms is not %s among %zu settings", wanted, entries);
}

/* -1 when the topic is not there. */
static int partitions_now(void) {
  const struct rd_kafka_metadata* metadata;
  if (rd_kafka_metadata(admin_client, 1, NULL, &metadata, wait_ms_max)) return -2;
  int found = -1;
  for (int at = 0; at < metadata->topic_cnt; ++at)
    if (strcmp(metadata->topics[at].topic, admin_topic) == 0) found = metadata->topics[at].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return found;
}

/* A broker may learn what the controller has answered a moment later; Apache's does. */
static int settles_to_partitions(int wanted) {
  for (int tries = 0; tries < settle_tries_max; ++tries, usleep(settle_pause_us))
    if (partitions_now() == wanted) return 1;
  return fail("%d partitions instead of %d", partitions_now(), wanted);
}

static int settles_to_retention(const char* wanted) {
  for (int tries = 0; tries < settle_tries_max; ++tries, usleep(settle_pause_us))
    if (retention_is(wanted)) return 1;
  return 0;
}

static int admin(void) {
  static const char* const settings[] = {NULL};
  topic_of(admin_topic, sizeof admin_topic, "admin");
  admin_client = client(RD_KAFKA_PRODUCER, settings);
  if (!admin_client) return 0;
  answers = rd_kafka_queue_new(admin_client);
  int ok = create_topic() && settles_to_partitions(2) && settles_to_retention("86400000") && alter_retention() &&
           settles_to_retention("3600000") && create_partitions() && settles_to_partitions(4) && delete_records() &&
           delete_topic() && settles_to_partitions(-1);
  rd_kafka_queue_destroy(answers);
  rd_kafka_destroy(admin_client);
  return ok;
}

static int each(int (*work)(const char*)) {
  for (int at = 0; at < variant_count; ++at)
    if (!work(variants[at])) return 0;
  return 1;
}

static void say(const char* cell, int ok, const char* detail, const char* names) {
  printf("{\"cell\": \"%s\", \"ok\": %s, \"detail\": \"%s\", \"variants\": [%s], \"version\": \"%s\"}\n", cell,
         ok ? "true" : "false", ok ? detail : problem, ok ? names : "", rd_kafka_version_str());
  fflush(stdout);
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  bootstrap = arguments[1];
  prefix = arguments[2];
  say("produce", each(produce_one), "none, gzip, snappy, lz4, zstd, idempotent",
      "\"none\", \"gzip\", \"snappy\", \"lz4\", \"zstd\", \"idempotent\"");
  say("consume", each(consume_one), "assign", "");
  say("admin", admin(), "create, describe, configs, alter, partitions, delete records, delete", "");
  return 0;
}
