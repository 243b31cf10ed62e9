//! rust-rdkafka: ThreadedProducer, BaseConsumer with assign, AdminClient. ../../contract.py describes what it speaks.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::{ClientContext, DefaultClientContext};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const RECORDS: usize = 1000;
const WAIT: Duration = Duration::from_secs(20);
const SETTLE_MAX: Duration = Duration::from_secs(10);
const VARIANTS: [&str; 6] = ["none", "gzip", "snappy", "lz4", "zstd", "idempotent"];

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Arguments {
    bootstrap: String,
    prefix: String,
}

impl Arguments {
    fn topic(&self, variant: &str) -> String {
        format!("{}-{}", self.prefix, variant)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }
}

fn key(index: usize) -> String {
    format!("key-{index:04}")
}

fn value(index: usize) -> String {
    format!("value-{index:04}-{}", "x".repeat(index % 100))
}

fn require(condition: bool, why: impl FnOnce() -> String) -> Outcome<()> {
    if condition { Ok(()) } else { Err(why().into()) }
}

/// Waits for what a broker may learn a moment after the controller has answered, as Apache's does.
fn until<T: PartialEq + std::fmt::Debug>(what: &str, wanted: T, look: impl Fn() -> Outcome<T>) -> Outcome<()> {
    let began = Instant::now();
    loop {
        let found = look();
        if matches!(&found, Ok(found) if *found == wanted) {
            return Ok(());
        }
        require(began.elapsed() < SETTLE_MAX, || format!("{what}: {found:?} instead of {wanted:?}"))?;
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[derive(Clone, Default)]
struct Delivered(Arc<AtomicUsize>);

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _: ()) {
        if result.is_ok() {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn produce(arguments: &Arguments) -> Outcome<String> {
    for variant in VARIANTS {
        let idempotent = variant == "idempotent";
        let delivered = Delivered::default();
        let producer: ThreadedProducer<Delivered> = arguments
            .config()
            .set("enable.idempotence", idempotent.to_string())
            .set("compression.codec", if idempotent { "lz4" } else { variant })
            .set("message.timeout.ms", "20000")
            .create_with_context(delivered.clone())?;
        let topic = arguments.topic(variant);
        for index in 0..RECORDS {
            let (key, value, number) = (key(index), value(index), index.to_string());
            let headers = OwnedHeaders::new()
                .insert(Header { key: "index", value: Some(&number) })
                .insert(Header { key: "kind", value: Some("interop") });
            let record = BaseRecord::to(&topic).partition(0).key(&key).payload(&value).headers(headers);
            producer.send(record).map_err(|(problem, _)| problem)?;
        }
        producer.flush(WAIT)?;
        let count = delivered.0.load(Ordering::SeqCst);
        require(count == RECORDS, || format!("{variant}: {count} delivered"))?;
    }
    Ok(VARIANTS.join(", "))
}

fn check(message: &impl Message, index: usize) -> Outcome<()> {
    let headers: Vec<(String, Vec<u8>)> = message
        .headers()
        .map(|all| all.iter().map(|one| (one.key.to_string(), one.value.unwrap_or_default().to_vec())).collect())
        .unwrap_or_default();
    let wanted = vec![("index".to_string(), index.to_string().into_bytes()), ("kind".to_string(), b"interop".to_vec())];
    let same = message.offset() == index as i64
        && message.key() == Some(key(index).as_bytes())
        && message.payload() == Some(value(index).as_bytes())
        && headers == wanted;
    require(same, || format!("{} record {index} differs", message.topic()))
}

fn consume(arguments: &Arguments) -> Outcome<String> {
    for variant in VARIANTS {
        let topic = arguments.topic(variant);
        let consumer: BaseConsumer =
            arguments.config().set("group.id", "unused").set("enable.auto.commit", "false").create()?;
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(&topic, 0, Offset::Beginning)?;
        consumer.assign(&assignment)?;
        for index in 0..RECORDS {
            let message = consumer.poll(WAIT).ok_or_else(|| format!("{topic}: nothing after {index} records"))??;
            check(&message, index)?;
        }
        let marks = consumer.fetch_watermarks(&topic, 0, WAIT)?;
        require(marks == (0, RECORDS as i64), || format!("{topic}: watermarks {marks:?}"))?;
    }
    Ok("assign".to_string())
}

fn admin(arguments: &Arguments) -> Outcome<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let admin: AdminClient<DefaultClientContext> = arguments.config().create()?;
    let (topic, options) = (arguments.topic("admin"), AdminOptions::new().request_timeout(Some(WAIT)));
    let failed = |(name, code): (String, rdkafka::types::RDKafkaErrorCode)| format!("{name}: {code}");
    let retention = || -> Outcome<Option<String>> {
        let found = runtime.block_on(admin.describe_configs([&ResourceSpecifier::Topic(&topic)], &options))?;
        let resource = found.into_iter().next().ok_or("no answer")??;
        Ok(resource.get("retention.ms").and_then(|entry| entry.value.clone()))
    };
    let partitions = || -> Outcome<Option<usize>> {
        let metadata = admin.inner().fetch_metadata(None, WAIT)?;
        Ok(metadata.topics().iter().find(|each| each.name() == topic).map(|each| each.partitions().len()))
    };

    let created = NewTopic::new(&topic, 2, TopicReplication::Fixed(1)).set("retention.ms", "86400000");
    runtime.block_on(admin.create_topics([&created], &options))?.remove(0).map_err(failed)?;
    until("partitions", Some(2), partitions)?;
    until("retention.ms", Some("86400000".to_string()), retention)?;
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("retention.ms", "3600000");
    let altered = runtime.block_on(admin.alter_configs([&change], &options))?.remove(0);
    altered.map_err(|(resource, code)| format!("{resource:?}: {code}"))?;
    until("retention.ms", Some("3600000".to_string()), retention)?;
    runtime.block_on(admin.create_partitions([&NewPartitions::new(&topic, 4)], &options))?.remove(0).map_err(failed)?;
    until("partitions", Some(4), partitions)?;
    let mut before = TopicPartitionList::new();
    before.add_partition_offset(&arguments.topic("none"), 0, Offset::Offset(10))?;
    let deleted = runtime.block_on(admin.delete_records(&before, &options))?;
    let low = deleted.elements()[0].offset();
    require(low == Offset::Offset(10), || format!("low watermark {low:?}"))?;
    runtime.block_on(admin.delete_topics(&[&topic], &options))?.remove(0).map_err(failed)?;
    until("listed after delete", None, partitions)?;
    Ok("create, describe, configs, alter, partitions, delete records, delete".to_string())
}

fn run(cell: &str, arguments: &Arguments, work: fn(&Arguments) -> Outcome<String>) {
    let outcome = work(arguments);
    let variants: &[&str] = if cell == "produce" && outcome.is_ok() { &VARIANTS } else { &[] };
    let ok = outcome.is_ok();
    let detail = outcome.unwrap_or_else(|problem| problem.to_string());
    println!("{}", serde_json::json!({"cell": cell, "ok": ok, "detail": detail, "variants": variants}));
}

fn main() {
    let mut given = std::env::args().skip(1);
    let mut next = || given.next().expect("two arguments: HOST:PORT PREFIX");
    let arguments = Arguments { bootstrap: next(), prefix: next() };
    run("produce", &arguments, produce);
    run("consume", &arguments, consume);
    run("admin", &arguments, admin);
}
