import type { Connection } from '../../engine/connection.ts'
import { DEFAULT_CONSUMER_GROUP } from '../../lib/limits.ts'

export type SnippetFormat = 'python' | 'node' | 'java' | 'spark'

/** The facts for a snippet. A snippet reads the connection string from the environment and never contains it. */
interface Subject {
  /** A string literal for Python, JavaScript and Java: names in Azure have no character that needs an escape. */
  readonly hub: string
  readonly group: string
  readonly host: string
  readonly variable: string
  readonly sends: boolean
  readonly listens: boolean
  readonly entra: boolean
  /** The string names no hub. */
  readonly addEntityPath: boolean
}

/** Complete code for the official client. It sends, receives or both, as the rights allow. */
export function formatSnippet(format: SnippetFormat, connection: Connection, variable: string): string {
  const subject = subjectOf(connection, variable)
  const lines = { python, node, java, spark }[format](subject)
  return lines.filter((line) => line !== undefined).join('\n')
}

/** One line of Python that makes a client of azure-eventhub without a key. */
export function credentialLine(connection: Connection): string {
  const { host, hub, group, sends } = subjectOf(connection, '')
  const [client, more] = sends ? ['Producer', ''] : ['Consumer', `, consumer_group=${group}`]
  return `EventHub${client}Client(fully_qualified_namespace=${host}, eventhub_name=${hub}, credential=DefaultAzureCredential()${more})`
}

function subjectOf(connection: Connection, variable: string): Subject {
  const { sign } = connection
  const may = (right: 'Send' | 'Listen', role: string) =>
    sign.kind === 'sas'
      ? sign.rights.includes(right) || sign.rights.includes('Manage')
      : sign.roles.some((name) => name.endsWith(role) || name.endsWith('Data Owner'))
  return {
    hub: JSON.stringify(connection.hub),
    group: JSON.stringify(connection.consumerGroups[0] ?? DEFAULT_CONSUMER_GROUP),
    host: JSON.stringify(connection.host),
    variable,
    sends: may('Send', 'Data Sender'),
    listens: may('Listen', 'Data Receiver'),
    entra: sign.kind === 'entra',
    addEntityPath: sign.kind === 'sas' && sign.scope === 'namespace',
  }
}

type Lines = readonly (string | undefined)[]
const when = (condition: boolean, lines: Lines): Lines => (condition ? lines : [])

function python({ hub, group, host, variable, sends, listens, entra }: Subject): Lines {
  const open = (client: string, more = '') =>
    entra
      ? `${client}(fully_qualified_namespace=${host}, eventhub_name=${hub}, credential=credential${more})`
      : `${client}.from_connection_string(connection_string, eventhub_name=${hub}${more})`
  const names = [sends && 'EventData', listens && 'EventHubConsumerClient', sends && 'EventHubProducerClient']
  return [
    `# pip install azure-eventhub${entra ? ' azure-identity' : ''}`,
    entra ? undefined : 'import os',
    entra ? undefined : '',
    `from azure.eventhub import ${names.filter(Boolean).join(', ')}`,
    ...(entra
      ? ['from azure.identity import DefaultAzureCredential', '', 'credential = DefaultAzureCredential()']
      : ['', `connection_string = os.environ["${variable}"]`]),
    ...when(sends, [
      '',
      `with ${open('EventHubProducerClient')} as producer:`,
      '    batch = producer.create_batch()',
      `    batch.add(EventData('{"hello": "world"}'))`,
      '    producer.send_batch(batch)',
    ]),
    ...when(listens, [
      '',
      '',
      'def on_event(partition, event):',
      '    print(partition.partition_id, event.body_as_str())',
      '',
      '',
      '# reads from the beginning until Ctrl+C',
      `with ${open('EventHubConsumerClient', `, consumer_group=${group}`)} as consumer:`,
      '    consumer.receive(on_event=on_event, starting_position="-1")',
    ]),
  ]
}

function node({ hub, group, host, variable, sends, listens, entra }: Subject): Lines {
  const at = entra ? `${host}, ${hub}, credential` : `connectionString, ${hub}`
  const names = [
    listens && 'earliestEventPosition',
    listens && 'EventHubConsumerClient',
    sends && 'EventHubProducerClient',
  ]
  return [
    `// npm install @azure/event-hubs${entra ? ' @azure/identity' : ''}, then save this as ingest.mjs`,
    `import { ${names.filter(Boolean).join(', ')} } from '@azure/event-hubs'`,
    entra ? "import { DefaultAzureCredential } from '@azure/identity'" : undefined,
    '',
    entra ? 'const credential = new DefaultAzureCredential()' : `const connectionString = process.env.${variable}`,
    ...when(sends, [
      '',
      `const producer = new EventHubProducerClient(${at})`,
      "await producer.sendBatch([{ body: { hello: 'world' } }])",
      'await producer.close()',
    ]),
    ...when(listens, [
      '',
      '// reads from the beginning until Ctrl+C',
      `const consumer = new EventHubConsumerClient(${group}, ${at})`,
      'consumer.subscribe(',
      '  {',
      '    async processEvents(events, { partitionId }) {',
      '      for (const event of events) console.log(partitionId, event.body)',
      '    },',
      '    async processError(error) {',
      '      console.error(error)',
      '    },',
      '  },',
      '  { startPosition: earliestEventPosition },',
      ')',
    ]),
  ]
}

function java({ hub, group, host, variable, sends, listens, entra }: Subject): Lines {
  const at = entra ? `.credential(${host}, ${hub}, credential)` : `.connectionString(connectionString, ${hub})`
  return [
    `// Maven: com.azure:azure-messaging-eventhubs${entra ? ' and com.azure:azure-identity' : ''}; save this as Ingest.java`,
    entra ? 'import com.azure.core.credential.TokenCredential;' : undefined,
    entra ? 'import com.azure.identity.DefaultAzureCredentialBuilder;' : undefined,
    'import com.azure.messaging.eventhubs.*;',
    ...when(listens, ['import com.azure.messaging.eventhubs.models.EventPosition;', 'import java.time.Duration;']),
    sends ? 'import java.util.List;' : undefined,
    '',
    'public class Ingest {',
    '    public static void main(String[] args) {',
    entra
      ? '        TokenCredential credential = new DefaultAzureCredentialBuilder().build();'
      : `        String connectionString = System.getenv("${variable}");`,
    ...when(sends, [
      '',
      '        try (EventHubProducerClient producer = new EventHubClientBuilder()',
      `                ${at}`,
      '                .buildProducerClient()) {',
      '            producer.send(List.of(new EventData("{\\"hello\\": \\"world\\"}")));',
      '        }',
    ]),
    ...when(listens, [
      '',
      '        try (EventHubConsumerClient consumer = new EventHubClientBuilder()',
      `                ${at}`,
      `                .consumerGroup(${group})`,
      '                .buildConsumerClient()) {',
      '            for (String partition : consumer.getPartitionIds())',
      '                consumer.receiveFromPartition(partition, 100, EventPosition.earliest(), Duration.ofSeconds(5))',
      '                    .forEach(event -> System.out.println(partition + " " + event.getData().getBodyAsString()));',
      '        }',
    ]),
    '    }',
    '}',
  ]
}

/** https://github.com/Azure/azure-event-hubs-spark: since 2.3.15 the connection string must be encrypted. */
function spark({ hub, group, variable, sends, listens, addEntityPath }: Subject): Lines {
  return [
    '# spark-submit --packages com.microsoft.azure:azure-eventhubs-spark_2.12:2.3.22 ingest.py',
    listens ? 'import json' : undefined,
    'import os',
    '',
    'from pyspark.sql import SparkSession',
    '',
    'spark = SparkSession.builder.appName("ingest").getOrCreate()',
    `connection_string = os.environ["${variable}"]`,
    addEntityPath ? `connection_string += ";EntityPath=" + ${hub}` : `# the string names the hub: ${hub}`,
    'encrypt = spark.sparkContext._jvm.org.apache.spark.eventhubs.EventHubsUtils.encrypt',
    'options = {"eventhubs.connectionString": encrypt(connection_string)}',
    ...when(sends, [
      '',
      `events = spark.createDataFrame([('{"hello": "world"}',)], ["body"])`,
      'events.write.format("eventhubs").options(**options).save()',
    ]),
    ...when(listens, [
      '',
      '# reads from the beginning until stopped',
      `options["eventhubs.consumerGroup"] = ${group}`,
      'options["eventhubs.startingPosition"] = json.dumps(',
      '    {"offset": "-1", "seqNo": -1, "enqueuedTime": None, "isInclusive": True}',
      ')',
      'stream = spark.readStream.format("eventhubs").options(**options).load()',
      'bodies = stream.selectExpr("CAST(body AS STRING) AS body")',
      'bodies.writeStream.format("console").start().awaitTermination()',
    ]),
  ]
}
