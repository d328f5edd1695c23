import { hubOf, when, type Lines, type Subject } from './subject.ts'

/** What reads a variable in Python. */
export const readPython = (variable: string): string => `os.environ["${variable}"]`

/** The account and the container where a reader keeps its place. */
const CHECKPOINTS = {
  container: 'CHECKPOINT_CONTAINER',
  connectionString: 'CHECKPOINT_STORAGE_CONNECTION_STRING',
  accountUrl: 'CHECKPOINT_STORAGE_ACCOUNT_URL',
} as const

/** A program for azure-eventhub. It keeps checkpoints in a blob container if the environment names one. */
export function python(subject: Subject): Lines {
  const { sends, listens, entra } = subject
  const names = [sends && 'EventData', listens && 'EventHubConsumerClient', sends && 'EventHubProducerClient']
  const readsVariables = !entra || listens || subject.names.hub !== undefined
  return [
    `# pip install azure-eventhub${entra ? ' azure-identity' : ''}`,
    ...when(listens, [
      '# to go on where the last run stopped: pip install azure-eventhub-checkpointstoreblob,',
      `# and set ${CHECKPOINTS.container} and ${entra ? CHECKPOINTS.accountUrl : CHECKPOINTS.connectionString}`,
    ]),
    ...when(readsVariables, ['import os', '']),
    `from azure.eventhub import ${names.filter(Boolean).join(', ')}`,
    entra ? 'from azure.identity import DefaultAzureCredential' : undefined,
    '',
    signIn(subject),
    ...when(sends, ['', ...sending(subject)]),
    ...when(listens, ['', ...checkpointStore(entra), ...receiving(subject)]),
  ]
}

/** The line that holds what a client signs in with. */
const signIn = ({ entra, names }: Subject): string =>
  entra ? 'credential = DefaultAzureCredential()' : `connection_string = ${readPython(names.string)}`

/** Lines that make a client and begin to use it, under the name `producer` or `consumer`. */
export function clientOf(
  subject: Subject,
  kind: 'Producer' | 'Consumer',
  more: readonly string[] = [],
): readonly string[] {
  const { entra, host } = subject
  const client = `EventHub${kind}Client`
  const hub = `eventhub_name=${hubOf(subject, readPython)}`
  const args = entra
    ? [`fully_qualified_namespace=${host}`, hub, ...more, 'credential=credential']
    : ['connection_string', hub, ...more]
  const variable = kind.toLowerCase()
  return [
    `${variable} = ${entra ? client : `${client}.from_connection_string`}(`,
    ...args.map((arg) => `    ${arg},`),
    ')',
    `with ${variable}:`,
  ]
}

export const sending = (subject: Subject): readonly string[] => [
  ...clientOf(subject, 'Producer'),
  '    batch = producer.create_batch()',
  `    batch.add(EventData('{"hello": "world"}'))`,
  '    producer.send_batch(batch)',
]

function checkpointStore(entra: boolean): readonly string[] {
  const store = entra ? 'BlobCheckpointStore' : 'BlobCheckpointStore.from_connection_string'
  const account = readPython(entra ? CHECKPOINTS.accountUrl : CHECKPOINTS.connectionString)
  return [
    'checkpoint_store = None',
    `if "${CHECKPOINTS.container}" in os.environ:`,
    '    from azure.eventhub.extensions.checkpointstoreblob import BlobCheckpointStore',
    '',
    `    checkpoint_store = ${store}(`,
    `        ${account},`,
    `        ${readPython(CHECKPOINTS.container)},`,
    ...(entra ? ['        credential=credential,'] : []),
    '    )',
  ]
}

const receiving = (subject: Subject): readonly string[] => [
  '',
  '',
  'def on_batch(partition, events):',
  '    for event in events:',
  '        print(partition.partition_id, event.body_as_str())',
  '    if checkpoint_store:',
  '        partition.update_checkpoint()',
  '',
  '',
  '# reads from the last checkpoint, or from the beginning, until Ctrl+C',
  ...clientOf(subject, 'Consumer', [`consumer_group=${subject.group}`, 'checkpoint_store=checkpoint_store']),
  '    consumer.receive_batch(on_event_batch=on_batch, starting_position="-1")',
]
