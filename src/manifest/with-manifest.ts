import { captureKeysIn, CAPTURE_KEYS } from '../resources/capture-inputs.ts'
import type { Given, InFile, Inputs } from '../inputs/given.ts'
import { sameName } from '../lib/names.ts'
import type { ManifestNode } from './nodes.ts'
import type { ConsumerGroupInput, HubInput } from '../inputs/parsers.ts'

/**
 * Inputs of two sources in one: what `first` gives wins, also over what the manifest says of one hub or consumer group. A
 * hub that `first` names keeps what else the manifest says of it, and only the consumer groups of hubs that remain stay.
 */
export function withManifest(first: Inputs, manifest: Inputs): Inputs {
  const hub = hubsOf(first, manifest.hub)
  const consumerGroup = groupsOf(first, manifest, hub)
  const { noCapture, ...others } = manifest
  return {
    ...others,
    ...(noCapture && !first.captureStorageAccount ? { noCapture } : {}),
    consumerGroup,
    ...defined(first),
    ...(hub ? { hub } : {}),
  }
}

function hubsOf(first: Inputs, manifest: Inputs['hub']): Inputs['hub'] {
  const given = first.hub
  if (!manifest) return given
  if (!given) return { ...manifest, value: manifest.value.map((hub) => outspoken(hub, first)) }
  const found = given.value.map(({ name }) => manifest.value.findIndex((one) => sameName(one.name, name)))
  const value = given.value.map((hub, i): HubInput => {
    const same = manifest.value[found[i]!]
    if (!same) return hub
    const { partitions, retentionHours, ...others } = outspoken(same, first)
    return {
      ...others,
      name: hub.name,
      partitions: hub.partitions ?? partitions,
      retentionHours: hub.retentionHours ?? retentionHours,
    }
  })
  const inFile = manifest.inFile && picked(manifest.inFile, found)
  return { ...given, value, ...(inFile ? { inFile: { ...inFile, nodes: inFile.nodes.map(besideFlag) } } : {}) }
}

/** What `--hub` can say is not told at the place of the file that it outdoes. */
const besideFlag = (node: ManifestNode | undefined): ManifestNode | undefined =>
  node?.kind === 'object'
    ? { ...node, entries: new Map([...node.entries].filter(([key]) => !OF_FLAG.includes(key))) }
    : node
const OF_FLAG = ['name', 'partitions', 'retention']

/** A hub of the manifest without what flags and variables say for all hubs. */
function outspoken(hub: HubInput, first: Inputs): HubInput {
  const { partitions, retentionHours, capture, ...others } = hub
  const said = [
    ...captureKeysIn(first).map((key) => CAPTURE_KEYS[key]),
    // Whoever names a storage account wants Capture, also where the manifest has it switched off.
    ...(first.noCapture || first.captureStorageAccount ? (['enabled'] as const) : []),
  ]
  const own = capture && said.length > 0 ? without(capture, said) : capture
  return {
    ...others,
    partitions: first.partitions ? undefined : partitions,
    retentionHours: first.retention ? undefined : retentionHours,
    ...(own && (own === capture || Object.keys(own).length > 0) ? { capture: own } : {}),
  }
}

const without = <T extends object>(whole: T, keys: readonly (keyof T)[]): T =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.includes(key as keyof T))) as T

/** Of hubs that the manifest does not know it says nothing, of one that it lists without consumer groups that it has none. */
function groupsOf(
  first: Inputs,
  { hub: known, consumerGroup: manifest }: Inputs,
  hub: Inputs['hub'],
): Given<readonly ConsumerGroupInput[]> | undefined {
  if (!manifest) return undefined
  const isKnown = first.hub?.value.some(({ name }) => known?.value.some((one) => sameName(one.name, name))) ?? true
  if (!isKnown) return undefined
  const isKept = (group: ConsumerGroupInput): boolean =>
    !first.hub || (hub?.value ?? []).some((one) => sameName(one.name, group.hub ?? ''))
  const kept = manifest.value.flatMap((group, i) => (isKept(group) ? [i] : []))
  return {
    ...manifest,
    value: kept.map((i) => (first.userMetadata ? without(manifest.value[i]!, ['userMetadata']) : manifest.value[i]!)),
    texts: kept.map((i) => manifest.texts[i]!),
    ...(manifest.inFile ? { inFile: picked(manifest.inFile, kept) } : {}),
  }
}

const picked = (inFile: InFile, indexes: readonly number[]): InFile => ({
  ...inFile,
  nodes: indexes.map((i) => inFile.nodes[i]),
})

const defined = (inputs: Inputs): Inputs =>
  Object.fromEntries(Object.entries(inputs).filter(([, one]) => one !== undefined))
