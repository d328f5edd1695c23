import { createServer, type RequestListener } from 'node:http'
import { listenIfFree, LOCALHOST } from './listen.ts'

/** A health check that something listens for, at `http://localhost:PORT/health`. */
export interface EmulatorHealth {
  readonly url: string
  close(): Promise<void>
}

const PATH = '/health'
/** https://github.com/Azure/azure-event-hubs-emulator-installer, EventHub-Emulator/Schema/HealthCheckApiSchema.md */
const HEALTHY = JSON.stringify({ status: 'healthy', message: 'Service is healthy.' })

/**
 * Answers the health check of the official emulator. Call it last: whoever gets an answer finds everything there. A port
 * that is taken is told, and then nothing answers, because a client knows no other one. Rejects as `listen` does.
 */
export async function serveEmulatorHealth(
  port: number,
  { host = LOCALHOST, log }: { readonly host?: string | undefined; readonly log: (line: string) => void },
): Promise<EmulatorHealth | undefined> {
  const server = createServer(answer)
  const listener = await listenIfFree(host, [port], (socket) => server.emit('connection', socket))
  if (!listener) {
    log(`Port ${port} is taken: the health check of the official emulator is off`)
    return undefined
  }
  return {
    url: `http://localhost:${listener.port}${PATH}`,
    close: async () => {
      const closed = listener.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** What else the emulator answers on this port is not published: the other answers are guesses. */
const answer: RequestListener = ({ method, url }, response) => {
  if (url?.split('?')[0] !== PATH) response.writeHead(404).end()
  else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end()
  else response.writeHead(200, { 'content-type': 'application/json' }).end(HEALTHY)
}
