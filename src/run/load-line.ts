import type { Given, GivenValue } from '../inputs/given.ts'
import type { HubInput } from '../inputs/parsers.ts'
import { edit, type Edits } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { sameName } from '../lib/names.ts'
import { hubsOf } from '../resources/hub/hub.ts'
import { answerOf, type LoadAnswer } from '../resources/load/answer.ts'
import { isTooMuchInOrder } from '../sizing/enough.ts'
import { LARGEST_TIER } from '../sizing/size.ts'
import type { Making } from '../ui/size/document.ts'
import type { Node } from '../wanted/node.ts'
import { spellerFor, withGiven, type Invocation } from './invocation.ts'

/** The given values, what a line changes of them, and what it cannot change. */
interface Change {
  readonly given: Given
  readonly edits: Edits
  /** The keys to change in the manifest, which no flag changes alone. */
  readonly keys: readonly string[]
}

/** The numbers that are too small are replaced where they were said. */
export function makingOf(invocation: Invocation, answer: LoadAnswer): Making {
  const { remedy } = answer
  if (remedy === 'dedicated') return NOTHING
  if (remedy === 'without-order') return withoutOrder(invocation, answer)
  const { given, edits, keys } = changeFor(invocation, answer)
  const speller = spellerFor({ ...invocation, given })
  if (keys.length === 0) return { command: speller.command(edits, 'create'), changes: [] }
  const flags = speller.text(say`${edit(edits)}`)
  return { command: null, changes: [...keys, ...(flags === '' ? [] : [`on the command line: ${flags}`])] }
}

const NOTHING: Making = { command: null, changes: [] }

function withoutOrder(invocation: Invocation, { asked }: LoadAnswer): Making {
  const { given, wanted } = invocation
  if (given.ordered?.value) {
    const without = withGiven(invocation, { ...given, ordered: undefined })
    return makingOf(without, answerOf(without.wanted))
  }
  const keys = hubsOf(wanted).flatMap(({ name, load }, i) => {
    if (!isTooMuchInOrder({ hubs: [asked.hubs[i]!] })) return []
    const own = load?.ordered
    return [`${placeOf(own ?? wanted.load?.ordered)}${own ? `hub ${name?.value ?? ''}: ` : ''}load: ordered: false`]
  })
  return { command: null, changes: [...new Set(keys)] }
}

function changeFor({ given, wanted }: Invocation, answer: LoadAnswer): Change {
  const values = namespaceValues(answer)
  const inFile = values.filter(([key]) => isInFile(wanted[key]))
  const keys = inFile.map(([key, value]) => `${placeOf(wanted[key])}${key}: ${value ?? '(leave it out)'}`)
  const edits: Edits = Object.fromEntries(values.filter((one) => !inFile.includes(one)))
  return tooFewPartitions(answer).reduce<Change>((change, one) => withPartitions(change, wanted, one), {
    given,
    edits,
    keys,
  })
}

type NamespaceValue = readonly ['tier' | 'capacity' | 'autoInflateMax', string | number | null]

function namespaceValues({ remedy, asked, choice }: LoadAnswer): readonly NamespaceValue[] {
  if (remedy === 'largest') {
    const numbers = (['capacity', 'autoInflateMax'] as const).filter((key) => asked[key] !== undefined)
    return [['tier', LARGEST_TIER], ...numbers.map((key) => [key, null] as const)]
  }
  if (typeof remedy !== 'object') return []
  const isElsewhere = remedy.tier !== choice.tier
  const { capacity, autoInflateMax } = asked
  // The maximum is at least the capacity where auto-inflate stays on.
  const max = isElsewhere ? remedy.autoInflateMax : Math.max(remedy.autoInflateMax, remedy.capacity)
  return [
    ...(isElsewhere ? [['tier', remedy.tier] as const] : []),
    ...(capacity !== undefined && (isElsewhere || remedy.capacity > capacity)
      ? [['capacity', remedy.capacity] as const]
      : []),
    ...(autoInflateMax && (isElsewhere || max > autoInflateMax) ? [['autoInflateMax', max] as const] : []),
  ]
}

interface TooFew {
  /** Of the hub in the wanted resources. */
  readonly index: number
  readonly name: string
  readonly needed: number
}

const tooFewPartitions = ({ remedy, hubs }: LoadAnswer): readonly TooFew[] =>
  typeof remedy !== 'object'
    ? []
    : hubs.flatMap(({ name, partitions }, index) => {
        const needed = remedy.partitions[index]!
        return partitions.given && needed > partitions.value ? [{ index, name, needed }] : []
      })

/** The number goes where it was said: with the hub, for all hubs, or in the manifest. */
function withPartitions(change: Change, wanted: Invocation['wanted'], { index, name, needed }: TooFew): Change {
  const { given, edits, keys } = change
  const hubs = hubsOf(wanted)
  const own = hubs[index]!.partitions
  const node = own ?? wanted.partitions
  const isTyped = given.hub?.value.some((hub) => sameName(hub.name, name)) === true
  if (isTyped && (own || isInFile(node)))
    return { ...change, given: { ...given, hub: hubWith(given.hub, name, needed) } }
  if (!isInFile(node)) return { ...change, edits: { ...edits, partitions: Math.max(needed, mostOf(edits)) } }
  const isOfHub = own !== undefined || hubs.length > 1
  return { ...change, keys: [...keys, `${placeOf(node)}${isOfHub ? `hub ${name}: ` : ''}partitions: ${needed}`] }
}

const mostOf = ({ partitions }: Edits): number => (typeof partitions === 'number' ? partitions : 0)

/** The hub as it was typed, but with other partitions: `clicks:10:48h`. */
function hubWith(
  hubs: GivenValue<readonly HubInput[]>,
  name: string,
  partitions: number,
): GivenValue<readonly HubInput[]> {
  const isIt = (i: number): boolean => sameName(hubs.value[i]!.name, name)
  const textWith = (text: string): string => {
    const [own = '', , ...retention] = text.split(':')
    return [own, partitions, ...retention].join(':')
  }
  return {
    ...hubs,
    value: hubs.value.map((hub, i) => (isIt(i) ? { ...hub, partitions } : hub)),
    texts: hubs.texts.map((text, i) => (isIt(i) ? textWith(text) : text)),
  }
}

const isInFile = (node: Node | undefined): boolean => node?.origin.kind === 'file'

/** `environments.prod: ` for a value of an environment. */
function placeOf(node: Node | undefined): string {
  const path = node?.origin.kind === 'file' ? node.origin.path : ''
  const environment = /^environments\.[^.[]+/.exec(path)?.[0]
  return environment === undefined ? '' : `${environment}: `
}
