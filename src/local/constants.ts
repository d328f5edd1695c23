import type { Edit, Reference } from '../lib/phrase.ts'

export interface Subscription {
  readonly subscriptionId: string
  readonly tenantId: string
  readonly displayName: string
}

/** The subscription of the embedded Azure, as every list shows it. */
export const LOCAL_SUBSCRIPTION: Subscription = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  tenantId: '00000000-0000-0000-0000-000000000000',
  displayName: 'Embedded Azure',
}

/** Where resources are made when nobody names a region. */
export const LOCAL_LOCATION = 'westeurope'

/** Where clients of Event Hubs connect when a connection string names no port. */
export const AMQP_PORT = 5672

/** Where Kafka clients of Event Hubs connect, as in the official emulator. */
export const KAFKA_PORT = 9092

/**
 * A client with this word in the user agent of its connection only looks: what its readers are given says nothing of how far
 * their consumer groups have read.
 */
export const ONLY_LOOKING = 'only-looking'

/** The rule of each hub that is made here whose key has the rights to send and listen, as clients of the hub need. */
export const HUB_RULE = 'ml-ingest-send-listen'

/** What hints of the embedded Azure refer to. Only the program around it knows how they are typed. */

/** The input that chooses the data folder. */
export const DATA_FOLDER: Reference = { names: 'input', input: 'data' }

const command = (name: string, edit: Edit = {}): Reference => ({ names: 'command', command: name, edit })
export const START_HERE = command('local start', { detach: null })
export const STOP = command('local stop')
export const RESET = command('local reset')
/** The running start again, with nothing kept on disk. */
export const IN_MEMORY = command('local start', { memory: true })
