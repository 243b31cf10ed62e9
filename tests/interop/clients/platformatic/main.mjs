// @platformatic/kafka: producer, admin, and the low-level fetch of its consumer, which joins no group.

import zlib from 'node:zlib'
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import * as contract from './contract.mjs'

const common = { clientId: 'interop', bootstrapBrokers: [contract.bootstrap], retries: 3 }
const variants = ['none', 'gzip', 'snappy', 'lz4', ...(zlib.zstdCompressSync ? ['zstd'] : []), 'idempotent']
const withoutZstd = zlib.zstdCompressSync ? '' : ' (zstd needs a newer Node.js)'

async function produce () {
  for (const variant of variants) {
    const idempotent = variant === 'idempotent'
    const producer = new Producer({ ...common, serializers: stringSerializers, idempotent, acks: -1, compression: idempotent ? 'lz4' : variant })
    const messages = Array.from({ length: contract.records }, (_, index) => ({
      topic: `${contract.prefix}-${variant}`, partition: 0, key: contract.key(index), value: contract.value(index),
      headers: contract.headers(index)
    }))
    // Not all in one batch.
    for (let first = 0; first < messages.length; first += 250) {
      const { offsets } = await producer.send({ messages: messages.slice(first, first + 250) })
      contract.require(offsets[0].offset === BigInt(first), `${variant}: base offset ${offsets[0].offset}`)
    }
    await producer.close()
  }
  return [`${variants.join(', ')}${withoutZstd}`, variants]
}

function check (topic, index, record) {
  const found = JSON.stringify([record.key.toString(), record.value.toString(),
    [...record.headers].map(([name, data]) => [name.toString(), data.toString()])])
  const wanted = JSON.stringify([contract.key(index), contract.value(index), Object.entries(contract.headers(index))])
  contract.require(found === wanted, `${topic} record ${index}: ${found} instead of ${wanted}`)
}

async function consumeOne (consumer, topic) {
  const metadata = await consumer.metadata({ topics: [topic] })
  const { id: topicId, partitions: [{ leader }] } = metadata.topics.get(topic)
  let index = 0
  while (index < contract.records) {
    const answer = await consumer.fetch({
      node: leader, minBytes: 1, maxBytes: 1 << 20, maxWaitTime: 500,
      topics: [{
        topicId,
        partitions: [{ partition: 0, currentLeaderEpoch: -1, fetchOffset: BigInt(index), lastFetchedEpoch: -1, partitionMaxBytes: 1 << 20 }]
      }]
    })
    const { errorCode, records } = answer.responses[0].partitions[0]
    contract.require(errorCode === 0 && records?.length, `${topic}: code ${errorCode}, no records after ${index}`)
    for (const batch of records) {
      for (const record of batch.records) {
        const offset = Number(batch.firstOffset) + record.offsetDelta
        if (offset < index) continue
        check(topic, index++, record)
      }
    }
  }
}

async function consume () {
  const consumer = new Consumer({ ...common, groupId: 'unused', deserializers: stringDeserializers })
  for (const variant of variants) {
    await consumeOne(consumer, `${contract.prefix}-${variant}`)
  }
  await consumer.close()
  return ['low-level fetch']
}

async function administer () {
  const admin = new Admin(common)
  const topic = `${contract.prefix}-admin`
  const topicType = 2
  await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs: [{ name: 'retention.ms', value: contract.createdRetention }] })
  const partitions = async () => (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic).partitions.length
  const retention = async () => {
    const [found] = await admin.describeConfigs({ resources: [{ resourceType: topicType, resourceName: topic }] })
    return found.configs.find(entry => entry.name === 'retention.ms').value
  }
  await contract.until(partitions, 2, 'partitions')
  await contract.until(retention, contract.createdRetention, 'retention.ms')
  await admin.incrementalAlterConfigs({
    resources: [{
      resourceType: topicType, resourceName: topic, configs: [{ name: 'retention.ms', configOperation: 0, value: contract.alteredRetention }]
    }]
  })
  await contract.until(retention, contract.alteredRetention, 'retention.ms')
  await admin.createPartitions({ topics: [{ name: topic, count: 4 }] })
  await contract.until(partitions, 4, 'partitions')
  const deleted = await admin.deleteRecords({ topics: [{ name: `${contract.prefix}-none`, partitions: [{ partition: 0, offset: 10n }] }] })
  contract.require(deleted[0].partitions[0].lowWatermark === 10n, `low watermark ${deleted[0].partitions[0].lowWatermark}`)
  await admin.deleteTopics({ topics: [topic] })
  await contract.until(async () => (await admin.listTopics()).includes(topic), false, 'listed after delete')
  await admin.close()
  return ['create, describe, configs, alter, partitions, delete records, delete']
}

await contract.run('produce', produce)
await contract.run('consume', consume)
await contract.run('admin', administer)
// A failed cell leaves connections open.
process.exit(0)
