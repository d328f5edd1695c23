import {
  Admin,
  ConfigResourceTypes,
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { codeOf, judged, messagesOf, options, past, run, say, told, until } from './scenario.mjs'

const { topic, other } = options

const settings = (password = options.password) => ({
  ...{ clientId: 'platformatic', bootstrapBrokers: [options.server], retries: 0, autocreateTopics: false },
  sasl: { mechanism: 'PLAIN', username: '$ConnectionString', password },
})
/** The first code of Kafka in an error and what caused it; else what ended the connection. */
function find(error) {
  if (error.apiCode !== undefined) return error.apiCode
  for (const inner of [...(error.errors ?? []), error.cause].filter(Boolean)) {
    const code = find(inner)
    if (typeof code === 'number') return code
  }
  return error.apiId ?? error.code ?? error.name
}
const code = (work) => codeOf(work, find)
const failures = async (work) => [await code(work)].filter((one) => one !== 0)

async function deliver(messages, { to = topic, password, ...more } = {}) {
  const producer = new Producer({ ...settings(password), serializers: stringSerializers })
  try {
    for (let at = 0; at < messages.length; at += 500)
      await producer.send({
        ...{ acks: -1, ...more },
        messages: messages.slice(at, at + 500).map(({ n, ...message }) => ({ ...message, topic: to, headers: { n } })),
      })
  } finally {
    await producer.close(true)
  }
}

const newConsumer = (groupId, more = {}, password = undefined) =>
  new Consumer({ ...settings(password), groupId, deserializers: stringDeserializers, ...more })

/** Everything up to what is the end now. */
async function readAll() {
  const consumer = newConsumer(`alone-${process.pid}`)
  const [low, high] = [
    await consumer.listOffsets({ topics: [topic], timestamp: -2n }),
    await consumer.listOffsets({ topics: [topic] }),
  ]
  const total = high.get(topic).reduce((sum, end, i) => sum + Number(end - low.get(topic)[i]), 0)
  const read = []
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
  stream.on('data', (message) => read.push(message))
  // It calls the end of its own connection an error.
  stream.on('error', () => undefined)
  await until(() => read.length >= total)
  await consumer.close(true)
  return read
}

async function exchange() {
  const { count } = options
  const modes = { plain: {}, idempotent: { idempotent: true }, gzip: { compression: 'gzip' } }
  const failed = {}
  for (const [mode, more] of Object.entries(modes))
    failed[mode] = await failures(() => deliver(messagesOf(mode, count), more))
  const read = await readAll()
  const { key, headers, timestamp } = read.find(({ value }) => value === 'plain-7')
  const isNow = Math.abs(Number(timestamp) - Date.now()) < 60_000
  say({
    failed,
    ...judged(read, Object.keys(modes)),
    sample: [key, [...headers], isNow],
  })
}

async function member() {
  const consumer = newConsumer(options.group, {
    ...{ sessionTimeout: 6_000, heartbeatInterval: 300, rebalanceTimeout: 10_000, retries: 5, maxWaitTime: 200 },
  })
  consumer.on('consumer:group:join', ({ assignments }) =>
    say({ assigned: assignments.find((one) => one.topic === topic)?.partitions.length ?? 0 }),
  )
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: true,
  })
  stream.on('data', ({ value }) => say({ read: [value] }))
  stream.on('error', ({ message }) => process.stderr.write(`${message}\n`))
  await told()
  await consumer.close(true)
  say({ left: true })
}

async function times() {
  await deliver(messagesOf('early', 10))
  const early = await readAll()
  // It tells the time that its producer wrote, also where the broker wrote another one.
  const latest = BigInt(Date.now())
  await past(Number(latest) + 5)
  await deliver(messagesOf('late', 10))
  const consumer = newConsumer('times')
  const at = async (timestamp) => (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic).map(Number)
  const ends = await at(-1n)
  const counts = ends.map((_, partition) => early.filter((message) => message.partition === partition).length)
  const late = await at(latest + 1n)
  say({
    start: await at(1n),
    late: late.map((offset, i) => offset === counts[i] || (offset === -1 && counts[i] === ends[i])),
    after: await at(latest + 3_600_000n),
    total: ends.reduce((sum, end) => sum + end, 0),
  })
  await consumer.close(true)
}

async function groups() {
  const consumer = new Consumer({ ...settings(), groupId: 'keeper' })
  await consumer.joinGroup({ topics: [topic] })
  await consumer.commit({ offsets: [{ topic, partition: 1, offset: 7n, leaderEpoch: 0 }] })
  const kept = async () =>
    (await admin.listConsumerGroupOffsets({ groups: ['keeper'] }))
      .flatMap((one) => one.topics)
      .flatMap((one) => one.partitions)
      .map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)])
      .filter(([, offset]) => offset >= 0)
  const admin = new Admin(settings())
  const inUse = await code(() => admin.deleteGroups({ groups: ['keeper'] }))
  await consumer.close(true)
  const listed = (await admin.listGroups()).has('keeper')
  const before = {
    listed,
    kept: await kept(),
    state: (await admin.describeGroups({ groups: ['keeper'] })).get('keeper').state,
  }
  const deleted = [
    await code(() => admin.deleteGroups({ groups: ['keeper'] })),
    await code(() => admin.deleteGroups({ groups: ['nobody'] })),
  ]
  say({ ...before, inUse, deleted, left: await kept() })
  await admin.close()
}

async function admin() {
  const admin = new Admin(settings())
  const create = (name, { partitions = 3, config = {} } = {}) =>
    code(() => {
      const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
      return admin.createTopics({ topics: [name], partitions, replicas: 1, configs })
    })
  const count = async () => {
    if (!(await admin.listTopics()).includes(topic)) return 0
    return (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic).partitionsCount
  }
  const describe = async () => {
    const resources = [
      {
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: topic,
        configurationKeys: ['cleanup.policy', 'retention.ms'],
      },
    ]
    const [{ configs }] = await admin.describeConfigs({ resources })
    return Object.fromEntries(configs.map(({ name, value }) => [name, value]))
  }
  const widen = (count, validateOnly = false) =>
    code(() => admin.createPartitions({ topics: [{ name: topic, count, assignments: null }], validateOnly }))
  const remove = () => code(() => admin.deleteTopics({ topics: [topic] }))
  say({
    created: [await create(topic, { config: { 'retention.ms': '7200000' } }), await count()],
    checked: [await widen(5, true), await count()],
    settings: await describe(),
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
  await admin.close()
}

const joinError = (group, more = {}) =>
  code(() => newConsumer(group, { sessionTimeout: 6_000, ...more }).consume({ topics: [topic], mode: 'latest' }))

async function refusals() {
  const one = messagesOf('x', 1, 'x'.repeat(500))
  const codec = (compression) => code(() => deliver(one, { compression }))
  const begin = () => {
    const producer = new Producer({ ...settings(), transactionalId: 't', idempotent: true })
    return producer.beginTransaction()
  }
  say({
    'wrong key': await code(() => new Admin(settings(options.wrong)).listTopics()),
    'produce elsewhere': await code(() => deliver(one, { to: other, password: options.narrow })),
    'fetch elsewhere': await code(() =>
      newConsumer('elsewhere', {}, options.narrow).consume({ topics: [other], mode: 'earliest' }),
    ),
    // It takes zstd from Node, where 20 has none.
    codecs: [await codec('snappy'), await codec('lz4')],
    transactions: await code(begin),
    'too large': await code(() => deliver(messagesOf('x', 1, 'x'.repeat(1_500_000)))),
    'long group': await joinError('g'.repeat(257)),
    'short session': await joinError('refused', { sessionTimeout: 5_999, rebalanceTimeout: 6_000 }),
    'long session': await joinError('refused', { sessionTimeout: 300_001, rebalanceTimeout: 400_000 }),
  })
}

await run({ exchange, member, times, groups, admin, refusals })
