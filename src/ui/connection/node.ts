import { hubOf, when, type Lines, type Subject } from './subject.ts'

/** A program for @azure/event-hubs. */
export function node(subject: Subject): Lines {
  const { group, host, names: variables, sends, listens, entra } = subject
  const hub = hubOf(subject, read)
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
    entra ? 'const credential = new DefaultAzureCredential()' : `const connectionString = ${read(variables.string)}`,
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

const read = (variable: string): string => `process.env.${variable}`
