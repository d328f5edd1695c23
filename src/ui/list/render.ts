import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import { isOurs } from '../../resources/namespace/tags.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import { formatHours } from '../../lib/duration.ts'
import { Failure } from '../../lib/errors.ts'
import { formatCapacity } from '../../lib/limits.ts'
import type { ListDocument, ListedNamespace } from '../document-schema.ts'
import { viewOf, type About } from '../error-view.ts'
import { EXIT } from '../exit.ts'
import type { Speller } from '../spell.ts'
import { columnsOf, count, pad, paragraph, plain, type Canvas } from '../text.ts'

/** What an account sees of a subscription; a `Failure` in place of what could not be read. */
export interface SubscriptionFound {
  readonly id: string
  readonly name: string
  readonly namespaces: readonly NamespaceFound[] | Failure
}
export interface NamespaceFound {
  readonly resourceGroup: string
  readonly namespace: NamespaceActual
  readonly hubs: readonly HubActual[] | Failure
}

export const namespacesOf = ({ namespaces }: SubscriptionFound): readonly NamespaceFound[] =>
  namespaces instanceof Failure ? [] : namespaces
export const hubsOf = ({ hubs }: NamespaceFound): readonly HubActual[] => (hubs instanceof Failure ? [] : hubs)

/** Each namespace with its hubs, for a terminal. Names a subscription only where there are several. */
export function renderList(found: readonly SubscriptionFound[], canvas: Canvas): string {
  const indent = found.length > 1 ? 4 : 2
  const blocks = found.flatMap((one) => {
    const namespaces = namespacesOf(one).map((each) => namespaceLines(each, canvas, indent).join('\n'))
    if (namespaces.length === 0 || found.length === 1) return namespaces
    return [paragraph(plain(`${one.name} ${one.id}`), canvas.width).join('\n'), ...namespaces]
  })
  return blocks.join('\n\n')
}

function namespaceLines(found: NamespaceFound, { style, width }: Canvas, indent: number): readonly string[] {
  const { name, tier, capacity, autoInflateMax, location, provisioningState } = found.namespace
  const most = autoInflateMax > capacity ? ` (up to ${autoInflateMax})` : ''
  const facts = [
    // The units are those of the cluster.
    tier === 'Dedicated' ? tier : `${tier}, ${formatCapacity(tier, capacity)}${most}`,
    location,
    `resource group ${found.resourceGroup}`,
    ...(isOurs(found.namespace) ? ['made by ml-ingest'] : []),
    ...(provisioningState === 'Succeeded' ? [] : [provisioningState]),
  ].join(', ')
  return [
    `${' '.repeat(indent)}${style.paint('strong', plain(name))}`,
    ...paragraph(plain(facts), width, indent + 2).map((line) => style.paint('faint', line)),
    ...hubLines(hubsOf(found), width, indent + 2),
  ]
}

const GAP = 2

/** In two columns; a name that leaves no room for the second one has a line of its own. */
function hubLines(hubs: readonly HubActual[], width: number, indent: number): readonly string[] {
  const rows = hubs.map((hub) => ({ name: plain(hub.name), facts: plain(hubFacts(hub)) }))
  const room = width - indent - GAP - Math.max(0, ...rows.map(({ facts }) => columnsOf(facts)))
  const fitting = rows.map(({ name }) => columnsOf(name)).filter((columns) => columns <= room)
  const column = Math.max(0, ...fitting)
  const start = ' '.repeat(indent)
  return rows.flatMap(({ name, facts }) =>
    columnsOf(name) <= column
      ? [`${start}${pad(name, column + GAP)}${facts}`]
      : [`${start}${name}`, ...paragraph(facts, width, indent + GAP)],
  )
}

const hubFacts = ({ partitions, retentionHours, status }: HubActual): string =>
  [
    count(partitions, 'partition'),
    retentionHours === undefined ? 'compacted' : formatHours(retentionHours),
    ...(status === 'Active' ? [] : [status]),
  ].join(', ')

/** `2 namespaces, 5 hubs in 1 subscription`. Says how much of it could be read. */
export function listTotals(found: readonly SubscriptionFound[]): string {
  const namespaces = found.flatMap(namespacesOf)
  const hubs = namespaces.flatMap(hubsOf)
  const unread = namespaces.filter((one) => one.hubs instanceof Failure).length
  const less = unread > 0 ? `, without the hubs of ${count(unread, 'namespace')}` : ''
  if (namespaces.length === 0) return `There is no namespace of Event Hubs in ${readIn(found)}`
  return `${count(namespaces.length, 'namespace')}, ${count(hubs.length, 'hub')} in ${readIn(found)}${less}`
}

function readIn(found: readonly SubscriptionFound[]): string {
  const all = count(found.length, 'subscription')
  const read = found.filter(({ namespaces }) => !(namespaces instanceof Failure)).length
  return read === found.length ? all : `the ${read} of ${all} that could be read`
}

interface UnreadPart {
  readonly subscriptionId: string
  readonly namespace: string | null
  /** `the hubs of namespace ns-clicks`. */
  readonly what: string
  readonly failure: Failure
}

/** What could not be read. */
export const unreadIn = (found: readonly SubscriptionFound[]): readonly UnreadPart[] =>
  found.flatMap(({ id, name, namespaces }): readonly UnreadPart[] => {
    if (namespaces instanceof Failure)
      return [{ subscriptionId: id, namespace: null, what: `subscription ${name}`, failure: namespaces }]
    return namespaces.flatMap(({ namespace, hubs }) =>
      hubs instanceof Failure
        ? [
            {
              ...{ subscriptionId: id, namespace: namespace.name, failure: hubs },
              what: `the hubs of namespace ${namespace.name}`,
            },
          ]
        : [],
    )
  })

export interface ListFacts {
  readonly portal: (resourceId: string) => string | undefined
  readonly about: About
  readonly speller: Speller
}

export const listDocument = (
  found: readonly SubscriptionFound[],
  { portal, about, speller }: ListFacts,
): ListDocument => ({
  ...{ schemaVersion: 1, command: 'list', result: 'ok', exitCode: EXIT.ok },
  subscriptions: found.map(({ id, name }) => ({ id, name })),
  namespaces: listEntries(found, portal),
  unread: unreadIn(found).map(({ subscriptionId, namespace, failure }) => ({
    ...{ subscriptionId, namespace },
    error: viewOf(failure, about, speller),
  })),
})

export const listEntries = (
  found: readonly SubscriptionFound[],
  portal: ListFacts['portal'],
): readonly ListedNamespace[] =>
  found.flatMap((subscription) =>
    namespacesOf(subscription).map(({ resourceGroup, namespace, hubs }) => ({
      ...{ subscriptionId: subscription.id, resourceGroup, name: namespace.name, id: namespace.id },
      ...{ location: namespace.location, tier: namespace.tier, units: namespace.capacity },
      maxUnits: Math.max(namespace.capacity, namespace.autoInflateMax),
      state: namespace.provisioningState,
      createdByMlIngest: isOurs(namespace),
      portal: portal(namespace.id) ?? null,
      hubs: hubs instanceof Failure ? null : hubs.map(hubEntry),
    })),
  )

const hubEntry = ({ name, partitions, retentionHours, status }: HubActual) => ({
  ...{ name, partitions, retentionHours: retentionHours ?? null, status },
})
