import Type from 'typebox'
import { about, answer, ERROR, list, object, orNull, part, text, whole } from '../schema-parts.ts'

const LISTED_HUB = object({
  name: text(),
  partitions: whole(),
  retentionHours: orNull(Type.Number(), 'Null for a compacted hub'),
  status: text('Active, or whom the hub keeps out'),
})

export const LISTED = part('listedNamespace', {
  ...{ subscriptionId: text(), resourceGroup: text(), name: text() },
  id: text('ARM id'),
  location: text(),
  tier: text(),
  units: whole('Units that are there now; of no meaning in a dedicated cluster'),
  maxUnits: whole('What auto-inflate may raise them to; units where it is off'),
  state: text('Succeeded, or what Azure is doing with it'),
  createdByMlIngest: Type.Boolean(about('It has the tag created-by=ml-ingest.')),
  portal: orNull(text(), 'Its page in the portal; null where there is none, as for the embedded Azure'),
  hubs: orNull(list(LISTED_HUB), 'Null where they could not be read'),
})

/** The answer of `list`. */
export const LIST = answer('list', 'The answer of list', {
  ...{ command: Type.Literal('list'), result: Type.Literal('ok'), exitCode: Type.Literal(0) },
  subscriptions: list(object({ id: text(), name: text() }), 'Those that were looked into'),
  namespaces: list(LISTED, 'By subscription, then by name'),
  unread: list(
    object({ subscriptionId: text(), namespace: orNull(text(), 'Null for the whole subscription'), error: ERROR }),
    'What could not be read',
  ),
})
