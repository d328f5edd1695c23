import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { checkConversation, type Conversation } from './amqp-spec-session.ts'

/** Stands between clients and the broker, on both loopback addresses as the broker does, and keeps what they say. */
export interface Recorder {
  readonly port: number
  conversations(): readonly Conversation[]
  /** Resolves when every connection so far has ended on both sides. */
  ended(): Promise<void>
  /** How often the server sent each performative, all of them checked. Throws SpecViolation. */
  check(): Readonly<Record<string, number>>
  close(): void
}

export async function startRecorder(brokerPort: number): Promise<Recorder> {
  const recorded: { readonly fromClient: Buffer[]; readonly fromServer: Buffer[] }[] = []
  const sockets = new Set<Socket>()
  const ends: Promise<unknown>[] = []
  const pass = (client: Socket): void => {
    const conversation = { fromClient: [] as Buffer[], fromServer: [] as Buffer[] }
    recorded.push(conversation)
    const broker = connect(brokerPort, '127.0.0.1')
    client.on('data', (chunk: Buffer) => conversation.fromClient.push(chunk))
    broker.on('data', (chunk: Buffer) => conversation.fromServer.push(chunk))
    client.pipe(broker).pipe(client)
    for (const [end, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(end.setNoDelay(true))
      end.on('error', () => undefined).on('close', () => other.resume().end())
      ends.push(new Promise<void>((resolve) => end.once('close', resolve)).finally(() => sockets.delete(end)))
    }
  }
  const servers = [await listen(pass, 0, '127.0.0.1')]
  const { port } = servers[0]!.address() as AddressInfo
  // A machine without IPv6 has clients without it.
  await listen(pass, port, '::1').then(
    (server) => servers.push(server),
    () => undefined,
  )
  const conversations = () =>
    recorded.map(({ fromClient, fromServer }) => ({
      fromClient: Buffer.concat(fromClient),
      fromServer: Buffer.concat(fromServer),
    }))
  return {
    port,
    conversations,
    ended: async () => void (await Promise.all(ends)),
    check: () => {
      const totals: Record<string, number> = {}
      for (const conversation of conversations()) {
        for (const [name, count] of checkConversation(conversation)) totals[name] = (totals[name] ?? 0) + count
      }
      return totals
    },
    close: () => {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listen(handler: (socket: Socket) => void, port: number, host: string): Promise<Server> {
  const server = createServer(handler)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}
