// The client amqp10, an AMQP engine of its own in JavaScript, against the broker. Prints one JSON document.
const amqp10 = require('amqp10')

const [port, user, key, hub, total] = process.argv.slice(2)
const MODES = amqp10.Constants.senderSettleMode
const reattach = null
const policy = amqp10.Policy.merge(
  { senderLink: { reattach }, receiverLink: { reattach }, reconnect: null },
  amqp10.Policy.EventHub,
)

async function send(client, mode) {
  const sender = await client.createSender(`${hub}/Partitions/2`, { attach: { sndSettleMode: mode } })
  const states = []
  for (let n = 1; n <= Number(total); n++) states.push(await sender.send({ n }))
  await sender.detach()
  return states.length
}

async function receive(client, mode, count) {
  const source = `${hub}/ConsumerGroups/$Default/Partitions/2`
  const receiver = await client.createReceiver(source, { attach: { sndSettleMode: mode } })
  const numbers = []
  await new Promise((resolve, reject) => {
    receiver.on('errorReceived', reject)
    receiver.on('message', ({ body }) => {
      numbers.push(body.n)
      if (numbers.length === count) resolve()
    })
  })
  await receiver.detach()
  return numbers
}

/** The condition of a refusal, which comes after the answer to the attach. */
async function refuse(client) {
  const refused = new Promise((resolve) => client.once('client:errorReceived', resolve))
  await client.createReceiver('missing/ConsumerGroups/$Default/Partitions/2')
  return (await refused).condition
}

async function main() {
  const client = new amqp10.Client(policy)
  await client.connect(`amqp://${encodeURIComponent(user)}:${encodeURIComponent(key)}@localhost:${port}`)
  const accepted = [await send(client, MODES.unsettled), await send(client, MODES.mixed)]
  const count = 2 * Number(total)
  const received = {
    unsettled: await receive(client, MODES.unsettled, count),
    mixed: await receive(client, MODES.mixed, count),
    settled: await receive(client, MODES.settled, count),
  }
  const refused = await refuse(client)
  await client.disconnect()
  console.log(JSON.stringify({ accepted, received, refused }))
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
