import { hubOf, when, type Lines, type Subject } from './subject.ts'

/** A program for azure-messaging-eventhubs. */
export function java(subject: Subject): Lines {
  const { group, host, names, sends, listens, entra } = subject
  const hub = hubOf(subject, read)
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
      : `        String connectionString = ${read(names.string)};`,
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

const read = (variable: string): string => `System.getenv("${variable}")`
