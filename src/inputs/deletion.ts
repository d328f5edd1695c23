import { list, value, type Field } from './input.ts'
import { parseConsumerGroup, parseHubName, parseNamespaceName } from './parsers.ts'

const DELETE = ['delete'] as const

/** What goes. Said by flags alone: neither a variable nor a manifest, which are there for other commands, names it. */
export const DELETE_FIELDS = {
  hubToDelete: list({
    flags: '--hub <name>',
    env: [],
    label: 'hub to delete',
    help: 'this hub with the events in it; repeatable',
    example: 'clicks',
    defaultText: 'the whole namespace goes',
    section: 'Event hubs',
    commands: DELETE,
    parse: parseHubName,
  }),
  consumerGroupToDelete: list({
    flags: '--consumer-group <[hub/]name>',
    env: [],
    label: 'consumer group to delete',
    help: 'this consumer group; without its hub where just one hub has it; repeatable',
    example: 'clicks/trainer',
    section: 'Event hubs',
    commands: DELETE,
    parse: parseConsumerGroup,
  }),
  confirm: value({
    flags: '--confirm <namespace>',
    env: [],
    label: 'confirmed name',
    help: 'the name of the namespace, in place of typing it; lets it go also when ml-ingest did not make it',
    example: 'ns-clicks-7k2p',
    section: 'Run',
    commands: DELETE,
    parse: parseNamespaceName,
  }),
} satisfies Record<string, Field>
