import { invalid, missing, writtenInput, type InputProblem, type Inputs } from '../inputs/given.ts'
import { sameName } from '../lib/names.ts'
import { isDefaultConsumerGroup } from '../inputs/parsers.ts'

/** What is wrong with what shall be deleted. `namespace`: its name, where that is known. */
export function deletionProblems(
  inputs: Inputs,
  { namespace, mustConfirm }: { readonly namespace: string | undefined; readonly mustConfirm: boolean },
): readonly InputProblem[] {
  return [...confirmProblems(inputs, namespace, mustConfirm), ...groupProblems(inputs)]
}

function confirmProblems(
  { confirm }: Inputs,
  namespace: string | undefined,
  mustConfirm: boolean,
): readonly InputProblem[] {
  if (!confirm && mustConfirm) return [{ ...missing('confirm'), ...(namespace ? { example: namespace } : {}) }]
  if (!confirm || namespace === undefined || sameName(confirm.value, namespace)) return []
  return [invalid('confirm', writtenInput('confirm', confirm), `is not the namespace of this run, ${namespace}`)]
}

/** Beside `--hub`, which takes a whole hub, it could be meant that only the group goes: that is never guessed. */
function groupProblems({ hubToDelete, consumerGroupToDelete: given }: Inputs): readonly InputProblem[] {
  const hubs = hubToDelete?.value ?? []
  return (given?.value ?? []).flatMap(({ hub, name }, i) => {
    const problem = (message: string) => [
      invalid('consumerGroupToDelete', writtenInput('consumerGroupToDelete', given, given!.texts[i]), message),
    ]
    if (isDefaultConsumerGroup(name)) return problem('cannot be deleted: every hub has it')
    if (hub === undefined && hubs.length > 0)
      return problem(`needs its hub, such as ${hubs[0]}/${name}: --hub takes the whole hub`)
    if (hub !== undefined && hubs.some((one) => sameName(one, hub)))
      return problem(`contradicts --hub ${hub}, which takes the whole hub. Give one of the two`)
    return []
  })
}
