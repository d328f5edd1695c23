import kafkajs from 'kafkajs'
import { codeOf, judged, messagesOf, options, past, run, say, told, until } from './scenario.mjs'

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners } = kafkajs
const { topic, other } = options

const client = (password = options.password) =>
  new Kafka({
    brokers: [options.server],
    sasl: { mechanism: 'plain', username: '$ConnectionString', password },
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  })
// What it says when it is hung up on depends on whether it was still sending.
const HUNG_UP = ['ECONNRESET', 'EPIPE', 'Closed connection']
const find = (error) => {
  const found =
    error.errors?.[0]?.code ??
    error.groups?.[0]?.errorCode ??
    error.cause?.code ??
    error.code ??
    error.type ??
    error.message
  return HUNG_UP.includes(found) ? 'hung up' : found
}
const code = (work) => codeOf(work, find)
const failures = async (work) => [await code(work)].filter((one) => one !== 0)

// It insists on retries.
const IDEMPOTENT = { idempotent: true, maxInFlightRequests: 1, retry: { retries: 2 } }
const PRODUCER = { createPartitioner: Partitioners.DefaultPartitioner }

async function deliver(messages, { to = topic, compression, from = client(), ...more } = {}) {
  const producer = from.producer({ ...PRODUCER, ...more })
  await producer.connect()
  const headers = (n) => ({ n, again: ['1', '2'] })
  for (let at = 0; at < messages.length; at += 500)
    await producer.send({
      ...{ topic: to, acks: -1, compression },
      messages: messages.slice(at, at + 500).map(({ n, ...message }) => ({ ...message, headers: headers(n) })),
    })
  await producer.disconnect()
}

/** Everything up to what is the end now. */
async function readAll() {
  const admin = client().admin()
  await admin.connect()
  const total = (await admin.fetchTopicOffsets(topic)).reduce(
    (sum, { high, low }) => sum + Number(high) - Number(low),
    0,
  )
  await admin.disconnect()
  const consumer = client().consumer({ groupId: `alone-${process.pid}`, maxWaitTimeInMs: 200 })
  const read = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { offset, value, key, headers, timestamp } of batch.messages)
        read.push({ partition: batch.partition, offset, value: value.toString(), key, headers, timestamp })
    },
  })
  await until(() => read.length >= total)
  await consumer.disconnect()
  return read
}

async function exchange() {
  const { count } = options
  const modes = {
    plain: {},
    idempotent: IDEMPOTENT,
    gzip: { compression: CompressionTypes.GZIP },
  }
  const failed = {}
  for (const [mode, more] of Object.entries(modes))
    failed[mode] = await failures(() => deliver(messagesOf(mode, count), more))
  const read = await readAll()
  const { key, headers, timestamp } = read.find(({ value }) => value === 'plain-7')
  const text = (value) => (Array.isArray(value) ? value.map(String) : String(value))
  say({
    failed,
    ...judged(read, Object.keys(modes)),
    sample: [
      key.toString(),
      Object.entries(headers).map(([name, value]) => [name, text(value)]),
      Math.abs(Number(timestamp) - Date.now()) < 60_000,
    ],
  })
}

async function member() {
  const consumer = client().consumer({
    ...{ groupId: options.group, sessionTimeout: 6_000, heartbeatInterval: 300, rebalanceTimeout: 10_000 },
    // Between two fetches it looks whether the group shares out anew.
    ...{ maxWaitTimeInMs: 200, retry: { retries: 5 } },
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    say({ assigned: payload.memberAssignment[topic]?.length ?? 0 }),
  )
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => say({ read: [message.value.toString()] }),
  })
  await told()
  await consumer.disconnect()
  say({ left: true })
}

async function times() {
  await deliver(messagesOf('early', 10))
  const early = await readAll()
  const latest = Math.max(...early.map(({ timestamp }) => Number(timestamp)))
  await past(latest + 5)
  await deliver(messagesOf('late', 10))
  const admin = client().admin()
  await admin.connect()
  const at = async (timestamp) =>
    (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))
      .sort((a, b) => a.partition - b.partition)
      .map(({ offset }) => Number(offset))
  const ends = (await admin.fetchTopicOffsets(topic))
    .sort((a, b) => a.partition - b.partition)
    .map(({ high }) => Number(high))
  const counts = ends.map((_, partition) => early.filter((message) => message.partition === partition).length)
  const late = await at(latest + 1)
  const after = await at(latest + 3_600_000)
  say({
    start: await at(1),
    late: late.map((offset, i) => offset === counts[i]),
    // This client gives the end where there is nothing.
    after: after.map((offset, i) => (offset === ends[i] ? -1 : offset)),
    total: ends.reduce((sum, end) => sum + end, 0),
  })
  await admin.disconnect()
}

async function groups() {
  const admin = client().admin()
  await admin.connect()
  const kept = async () =>
    (await admin.fetchOffsets({ groupId: 'keeper', topics: [topic] }))
      .flatMap((one) => one.partitions)
      .map(({ partition, offset, metadata }) => [partition, Number(offset), metadata ?? ''])
      .filter(([, offset]) => offset >= 0)
  await admin.setOffsets({ groupId: 'keeper', topic, partitions: [{ partition: 1, offset: '7' }] })
  const listed = (await admin.listGroups()).groups.some(({ groupId }) => groupId === 'keeper')
  const before = { listed, kept: await kept(), state: (await admin.describeGroups(['keeper'])).groups[0].state }
  const deleted = await Promise.all(['keeper', 'nobody'].map((id) => code(() => admin.deleteGroups([id]))))
  say({ ...before, deleted, left: await kept() })
  await admin.disconnect()
}

async function admin() {
  const admin = client().admin()
  await admin.connect()
  const create = (name, { partitions = 3, config = {}, validateOnly = false } = {}) =>
    code(async () => {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      const made = { topic: name, numPartitions: partitions, replicationFactor: 1, configEntries }
      const isNew = await admin.createTopics({ validateOnly, waitForLeaders: false, topics: [made] })
      // It does not tell of a topic that is there already.
      if (!isNew) throw Object.assign(new Error(), { code: 36 })
    })
  const count = async () => {
    if (!(await admin.listTopics()).includes(topic)) return 0
    return (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
  }
  const settings = async () => {
    const resources = [
      { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy', 'retention.ms'] },
    ]
    const { configEntries } = (await admin.describeConfigs({ resources, includeSynonyms: false })).resources[0]
    return Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]))
  }
  const widen = (count) => code(() => admin.createPartitions({ topicPartitions: [{ topic, count }] }))
  const remove = () => code(() => admin.deleteTopics({ topics: [topic] }))
  say({
    checked: [await create(topic, { validateOnly: true }), await count()],
    created: [await create(topic, { config: { 'retention.ms': '7200000' } }), await count()],
    settings: await settings(),
    exists: await create(topic),
    name: await create('_under'),
    config: await create('other', { config: { 'no.such.thing': '1' } }),
    value: await create('other', { config: { 'retention.ms': 'soon' } }),
    none: await create('other', { partitions: 0 }),
    policy: await create('other', { partitions: 100_000 }),
    raised: [await widen(5), await count()],
    lowered: await widen(4),
    deleted: [await remove(), await count()],
    gone: await remove(),
  })
}

/** The error that ends a consumer when it joins. */
async function joinError(more) {
  const consumer = client().consumer({ groupId: 'refused', sessionTimeout: 6_000, retry: { retries: 0 }, ...more })
  const crash = new Promise((resolve) =>
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(find(payload.error))),
  )
  await consumer.connect()
  await consumer.subscribe({ topic })
  return Promise.race([consumer.run({ eachMessage: async () => {} }).then(() => crash, find), crash])
}

async function refusals() {
  const one = messagesOf('x', 1, 'x'.repeat(500))
  for (const name of ['Snappy', 'LZ4', 'ZSTD'])
    CompressionCodecs[CompressionTypes[name]] = () => ({ compress: async ({ buffer }) => buffer })
  const codec = (name) => code(() => deliver(one, { compression: CompressionTypes[name] }))
  const narrow = client(options.narrow)
  const fetchElsewhere = async () => {
    const consumer = narrow.consumer({ groupId: 'elsewhere', retry: { retries: 0 } })
    await consumer.connect()
    await consumer.subscribe({ topic: other })
    const crash = new Promise((_, reject) => consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error)))
    await consumer.run({ eachMessage: async () => {} })
    await crash
  }
  const begin = async () => {
    const retry = { retries: 1, initialRetryTime: 10 }
    const producer = client().producer({ ...PRODUCER, transactionalId: 't', maxInFlightRequests: 1, retry })
    await producer.connect()
    await producer.transaction()
  }
  say({
    'wrong key': await code(() => client(options.wrong).admin().connect()),
    'produce elsewhere': await code(() => deliver(one, { to: other, from: narrow })),
    'fetch elsewhere': await code(fetchElsewhere),
    codecs: [await codec('Snappy'), await codec('LZ4'), await codec('ZSTD')],
    transactions: await code(begin),
    'too large': await code(() => deliver(messagesOf('x', 1, 'x'.repeat(1_500_000)))),
    'long group': await joinError({ groupId: 'g'.repeat(257) }),
    'short session': await joinError({ sessionTimeout: 5_999, heartbeatInterval: 1_000 }),
    'long session': await joinError({ sessionTimeout: 300_001, rebalanceTimeout: 400_000 }),
  })
}

await run({ exchange, member, times, groups, admin, refusals })
