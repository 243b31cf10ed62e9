// kafkajs: producer and admin. Its consumer works in a group only.

import kafkajs from 'kafkajs'
import snappy from 'kafkajs-snappy'
import * as contract from './contract.mjs'

const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, Partitioners, logLevel } = kafkajs
CompressionCodecs[CompressionTypes.Snappy] = snappy

const kafka = new Kafka({ brokers: [contract.bootstrap], logLevel: logLevel.NOTHING })
const codecs = { none: 'None', gzip: 'GZIP', snappy: 'Snappy', idempotent: 'GZIP' }

async function produce () {
  for (const [variant, codec] of Object.entries(codecs)) {
    const producer = kafka.producer({
      idempotent: variant === 'idempotent', maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner
    })
    await producer.connect()
    const messages = Array.from({ length: contract.records }, (_, index) => ({
      key: contract.key(index), value: contract.value(index), headers: contract.headers(index), partition: 0
    }))
    const topic = `${contract.prefix}-${variant}`
    // Not all in one batch.
    for (let first = 0; first < messages.length; first += 250) {
      const [answer] = await producer.send({ topic, acks: -1, compression: CompressionTypes[codec], messages: messages.slice(first, first + 250) })
      contract.require(answer.baseOffset === String(first), `${variant}: base offset ${answer.baseOffset}`)
    }
    await producer.disconnect()
  }
  const variants = Object.keys(codecs)
  return [`${variants.join(', ')} (lz4 and zstd need packages with native code)`, variants]
}

async function administer () {
  const admin = kafka.admin()
  await admin.connect()
  const topic = `${contract.prefix}-admin`
  await admin.createTopics({
    topics: [{
      topic, numPartitions: 2, replicationFactor: 1, configEntries: [{ name: 'retention.ms', value: contract.createdRetention }]
    }]
  })
  const partitions = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
  const retention = async () => {
    const found = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] })
    return found.resources[0].configEntries.find(entry => entry.configName === 'retention.ms').configValue
  }
  await contract.until(partitions, 2, 'partitions')
  await contract.until(retention, contract.createdRetention, 'retention.ms')
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{
      type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: contract.alteredRetention }]
    }]
  })
  await contract.until(retention, contract.alteredRetention, 'retention.ms')
  await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  await contract.until(partitions, 4, 'partitions')
  const first = `${contract.prefix}-none`
  // Deleting looks for leaders before it asks for the topic's metadata: whoever knows the topic already succeeds.
  await admin.fetchTopicOffsets(first)
  await admin.deleteTopicRecords({ topic: first, partitions: [{ partition: 0, offset: '10' }] })
  const [{ low }] = await admin.fetchTopicOffsets(first)
  contract.require(low === '10', `low watermark ${low}`)
  await admin.deleteTopics({ topics: [topic] })
  await contract.until(async () => (await admin.listTopics()).includes(topic), false, 'listed after delete')
  await admin.disconnect()
  return ['create, describe, configs, alter, partitions, delete records, delete']
}

await contract.run('produce', produce)
contract.say('consume', null, 'its consumer needs a group')
await contract.run('admin', administer)
// A failed cell leaves connections open.
process.exit(0)
