import { sameName } from '../lib/names.ts'
import type { Problem } from '../lib/errors.ts'
import { invalid, missing, type Given, type GivenValue } from './given.ts'
import { isDefaultConsumerGroup } from './parsers.ts'

/** What a flag says; a variable may stand in the environment for other runs. */
const isTyped = (given: GivenValue<unknown> | undefined): boolean => given?.source === 'flag'

/** Inputs that say how a run behaves, and do not go together. */
export const runProblems = (given: Given): readonly Problem[] => [
  ...localProblems(given),
  ...captureProblems(given),
  ...outputProblems(given),
]

function localProblems(given: Given): readonly Problem[] {
  if (!given.local?.value) return []
  const typed = (['cloud', 'auth', 'tenant'] as const).filter((key) => isTyped(given[key]))
  return [
    ...typed.map((key) =>
      invalid(key, given[key], 'contradicts --local: the embedded Azure has no clouds and no sign-in'),
    ),
    ...(given.webSockets?.value
      ? [invalid('webSockets', given.webSockets, 'contradicts --local: the embedded Azure speaks AMQP over TCP alone')]
      : []),
  ]
}

/** Both typed: a flag may well switch off what a variable says. */
function captureProblems(given: Given): readonly Problem[] {
  if (!given.noCapture?.value || !isTyped(given.noCapture)) return []
  const keys = [
    ...(['captureStorageAccount', 'captureContainer', 'captureInterval', 'captureSize'] as const),
    ...(['captureNameFormat', 'captureSkipEmpty', 'captureIdentity'] as const),
  ]
  return keys
    .filter((key) => isTyped(given[key]))
    .map((key) => invalid(key, given[key], 'contradicts --no-capture. Give one of the two'))
}

function outputProblems({ format, json, noConnection }: Given): readonly Problem[] {
  if (!format || !isTyped(format)) return []
  return [
    ...(isTyped(json) && json?.value && format.value !== 'json'
      ? [invalid('format', format, 'contradicts --json. Give one of the two')]
      : []),
    ...(isTyped(noConnection) && noConnection?.value
      ? [invalid('format', format, 'contradicts --no-connection. Give one of the two')]
      : []),
  ]
}

/** Inputs of `local send` that do not go together. */
export function sendProblems({ key, keyField, partition }: Given): readonly Problem[] {
  return [
    ...(key && keyField ? [invalid('keyField', keyField, 'contradicts --key. Give one of the two')] : []),
    ...(partition && (key || keyField)
      ? [
          invalid(
            'partition',
            partition,
            'contradicts a partition key, which chooses the partition itself. Give one of the two',
          ),
        ]
      : []),
  ]
}

/** What is wrong with what shall be deleted. `namespace`: its name, where that is known. */
export const deletionProblems = (
  given: Given,
  { namespace, mustConfirm }: { readonly namespace: string | undefined; readonly mustConfirm: boolean },
): readonly Problem[] => [...confirmProblems(given, namespace, mustConfirm), ...groupProblems(given)]

function confirmProblems({ confirm }: Given, namespace: string | undefined, mustConfirm: boolean): readonly Problem[] {
  if (!confirm && mustConfirm) return [missing('confirm', namespace)]
  if (!confirm || namespace === undefined || sameName(confirm.value, namespace)) return []
  return [invalid('confirm', confirm, `is not the namespace of this run, ${namespace}`)]
}

/** Beside `--hub`, which takes a whole hub, it could be meant that only the group goes: that is never guessed. */
function groupProblems({ hubToDelete, consumerGroupToDelete: given }: Given): readonly Problem[] {
  const hubs = hubToDelete?.value ?? []
  return (given?.value ?? []).flatMap(({ hub, name }, i) => {
    const problem = (message: string) => [invalid('consumerGroupToDelete', given, message, given!.texts[i])]
    if (isDefaultConsumerGroup(name)) return problem('cannot be deleted: every hub has it')
    if (hub === undefined && hubs.length > 0)
      return problem(`needs its hub, such as ${hubs[0]}/${name}: --hub takes the whole hub`)
    if (hub !== undefined && hubs.some((one) => sameName(one, hub)))
      return problem(`contradicts --hub ${hub}, which takes the whole hub. Give one of the two`)
    return []
  })
}
