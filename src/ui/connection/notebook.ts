import { clientOf, sending } from './python.ts'
import { when, type Lines, type Subject } from './subject.ts'

interface Cell {
  readonly id: string
  readonly type: 'markdown' | 'code'
  readonly lines: Lines
}

/** How long a notebook reads. */
const READING_SECONDS = 15

/** A notebook of Jupyter that sends, reads and shows a data frame. https://nbformat.readthedocs.io/en/latest/format_description.html */
export const notebook = (subject: Subject): Lines => [
  JSON.stringify(
    {
      cells: cellsOf(subject).map(documentOf),
      metadata: {
        kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
        language_info: { name: 'python' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    },
    null,
    1,
  ),
]

function documentOf({ id, type, lines }: Cell) {
  const texts = lines.filter((line) => line !== undefined)
  const cell = {
    id,
    cell_type: type,
    metadata: {},
    source: texts.map((line, i) => (i === texts.length - 1 ? line : `${line}\n`)),
  }
  return type === 'code' ? { ...cell, execution_count: null, outputs: [] } : cell
}

function cellsOf(subject: Subject): readonly Cell[] {
  const { hub, entra, sends, listens } = subject
  const packages = ['azure-eventhub', entra && 'azure-identity', listens && 'pandas'].filter(Boolean)
  const code = (id: string, lines: Lines): Cell => ({ id, type: 'code', lines })
  return [
    { id: 'about', type: 'markdown', lines: [`# Event hub ${JSON.parse(hub) as string}`, '', aboutSignIn(subject)] },
    code('install', [`%pip install --quiet ${packages.join(' ')}`]),
    code('settings', settings(subject)),
    ...(sends
      ? [code('send', ['from azure.eventhub import EventData, EventHubProducerClient', '', ...sending(subject)])]
      : []),
    ...(listens ? [code('read', reading(subject)), code('frame', FRAME)] : []),
  ]
}

const aboutSignIn = ({ entra, names }: Subject): string =>
  entra
    ? 'It signs in with Microsoft Entra ID, for example as you after `az login`.'
    : `The connection string comes from the variable \`${names.string}\`. Without it, the notebook asks. It never stores the string.`

function settings({ entra, names }: Subject): Lines {
  const readsHub = names.hub !== undefined
  if (entra)
    return [
      ...when(readsHub, ['import os', '']),
      'from azure.identity import DefaultAzureCredential',
      '',
      'credential = DefaultAzureCredential()',
    ]
  return [
    'import os',
    'from getpass import getpass',
    '',
    `connection_string = os.environ.get("${names.string}") or getpass("Connection string: ")`,
  ]
}

const reading = (subject: Subject): Lines => [
  'from threading import Timer',
  '',
  'from azure.eventhub import EventHubConsumerClient',
  '',
  'rows = []',
  '',
  '',
  'def on_batch(partition, events):',
  '    for event in events:',
  '        rows.append(',
  '            {',
  '                "partition": partition.partition_id,',
  '                "sequence_number": event.sequence_number,',
  '                "enqueued_time": event.enqueued_time,',
  '                "body": event.body_as_str(),',
  '            }',
  '        )',
  '',
  '',
  `# reads from the beginning, for ${READING_SECONDS} seconds`,
  ...clientOf(subject, 'Consumer', [`consumer_group=${subject.group}`]),
  `    Timer(${READING_SECONDS}, consumer.close).start()`,
  '    consumer.receive_batch(on_event_batch=on_batch, starting_position="-1")',
  'print(len(rows), "events")',
]

const FRAME: Lines = [
  'import pandas as pd',
  '',
  '# for bodies of JSON: pd.json_normalize([json.loads(row["body"]) for row in rows])',
  'frame = pd.DataFrame(rows)',
  'frame',
]
