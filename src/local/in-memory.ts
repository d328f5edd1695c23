import type { Clock } from '../lib/clock.ts'
import { type LocalArm, startLocalArm } from './arm/server.ts'
import { type Broker, startBroker } from './broker/broker.ts'

export interface InMemoryOptions {
  readonly clock: Clock
  /** 0: any free one. */
  readonly armPort?: number
  readonly amqpPort?: number
  /** What there is to tell people; one line. */
  readonly log: (line: string) => void
}

/** An embedded Azure that keeps nothing: no folder, no lock, no record. */
export interface InMemory {
  /** `http://127.0.0.1:PORT` */
  readonly armEndpoint: string
  /** Where Event Hubs clients connect. */
  readonly port: number
  close(): Promise<void>
}

/** Starts control plane and data plane in this process. Rejects with the system's error when a port cannot be had. */
export async function startInMemory({ clock, armPort = 0, amqpPort = 0, log }: InMemoryOptions): Promise<InMemory> {
  let broker: Broker | undefined
  const arm: LocalArm = await startLocalArm({
    clock,
    port: armPort,
    dataPlanePort: () => broker?.port ?? amqpPort,
    onError: (error) => log(String(error instanceof Error ? error.stack : error)),
  })
  try {
    broker = await startBroker({ directory: arm.directory, clock, storage: 'memory', port: amqpPort, log })
  } catch (error) {
    await arm.close()
    throw error
  }
  const plane = broker
  return {
    armEndpoint: arm.endpoint,
    port: plane.port,
    close: async () => {
      await plane.close()
      await arm.close()
    },
  }
}
