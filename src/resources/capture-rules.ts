import { CAPTURE_DEFAULTS, partsOfStorageId, storageNameOf, type CaptureInput } from '../inputs/capture-parsers.ts'
import { captureInputOf, captureKeysIn } from './capture-inputs.ts'
import { FIELDS, type FieldKey } from '../inputs/table.ts'
import { hubInputs } from './hub-inputs.ts'
import type { InputProblem } from '../inputs/given.ts'
import { sameName } from '../lib/names.ts'
import { isGuid, type HubInput } from '../inputs/parsers.ts'
import { about, isBroken, type Rule, type World } from './rule.ts'

/** Both typed: a flag may well switch off what a manifest says, and an environment of it what its file says. */
const contradiction: Rule = (world) => {
  const { noCapture } = world.inputs
  if (!noCapture?.value || noCapture.source !== 'flag') return []
  return captureKeysIn(world.inputs)
    .filter((key) => world.inputs[key]!.source === 'flag')
    .map((key) => about(world, key, 'contradicts --no-capture. Give one of the two'))
}

/** What is wrong with Capture: in the words of a flag, and in those of a hub that says it itself. */
interface CaptureProblem {
  readonly key: FieldKey
  /** The key of `capture:` that it is about; undefined where it is about all of it. */
  readonly within?: string
  /** Something is not there; where something could not be read, it may be that. */
  readonly isGap?: boolean
  readonly message: string
  readonly ofHub: string
}

const captureRule: Rule = (world) => {
  const found = hubInputs(world.inputs).flatMap((hub) =>
    problemsOf(world, captureInputOf(hub, world.inputs)).flatMap((problem) => placed(world, hub, problem) ?? []),
  )
  // What is said for all hubs is wrong once, not for each of them.
  const keys = found.map(({ flag, message }) => `${flag} ${message}`)
  return found.filter((_, i) => i === keys.indexOf(keys[i]!))
}

/** What a hub says itself is told where the hub stands, and what a manifest says for all hubs where it says it. */
function placed(world: World, hub: HubInput, problem: CaptureProblem): InputProblem | undefined {
  const { key, within, isGap = false, message, ofHub } = problem
  const { inputs, unread } = world
  const inFile = [...captureKeysIn(inputs), 'noCapture' as const].find((one) => inputs[one]?.inFile)
  const inHub = { index: inputs.hub?.value.indexOf(hub) ?? 0, within: ['capture'] }
  const isOfHub = hub.capture !== undefined && inputs.hub !== undefined
  if (isGap && (unread.includes(key) || (inFile && isBroken(world, inFile, 'all')))) return undefined
  if (isGap && isOfHub && isBroken(world, 'hub', inHub)) return undefined
  if (isOfHub) return about(world, 'hub', ofHub, within ? { ...inHub, within: ['capture', within] } : inHub)
  const isOfFile = inFile && (!inputs[key] || (inputs[key].inFile && !within))
  return isOfFile ? about(world, inFile, ofHub, 'all') : about(world, key, message)
}

function problemsOf(world: World, capture: CaptureInput | undefined): readonly CaptureProblem[] {
  if (!capture || capture.enabled === false) return []
  if (!world.limits.capture) {
    const why = `${world.tierWords} has not. --tier Standard has it`
    const [key = 'noCapture'] = captureKeysIn(world.inputs)
    return [{ key, message: `asks for Capture, which ${why}`, ofHub: `asks for Capture, which ${why}` }]
  }
  return [
    ...(capture.storageAccount === undefined ? [isMissing('captureStorageAccount', 'storageAccount')] : []),
    ...(capture.container === undefined ? [isMissing('captureContainer', 'container')] : []),
    ...foreignSubscription(world, capture),
  ]
}

const isMissing = (key: 'captureStorageAccount' | 'captureContainer', name: string): CaptureProblem => ({
  key,
  isGap: true,
  message: `is missing, and Capture needs it: ${FIELDS[key].help}`,
  ofHub: `has no ${name}, and Capture needs it: ${FIELDS[key].help}`,
})

/**
 * With a key, Azure captures within a subscription alone. The embedded Azure captures nothing, and takes what it is given.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview
 */
function foreignSubscription({ inputs }: World, capture: CaptureInput): readonly CaptureProblem[] {
  const { storageAccount = '', identity = CAPTURE_DEFAULTS.identity } = capture
  const own = inputs.subscription?.value ?? ''
  const theirs = partsOfStorageId(storageAccount)?.subscription
  if (inputs.local?.value || identity !== CAPTURE_DEFAULTS.identity || !isGuid(own)) return []
  if (!theirs || sameName(own, theirs)) return []
  const why = 'in another subscription, which takes a managed identity of the namespace'
  return [
    {
      key: 'captureStorageAccount',
      within: 'storageAccount',
      message: `is ${why}: --capture-identity SystemAssigned`,
      ofHub: `is ${storageNameOf(storageAccount)} ${why}: identity: SystemAssigned`,
    },
  ]
}

export const CAPTURE_RULES: readonly Rule[] = [contradiction, captureRule]
