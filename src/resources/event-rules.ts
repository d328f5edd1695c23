import { invalid, writtenInput, type InputProblem, type Inputs } from '../inputs/given.ts'

/** What the flags of `local send` break together. */
export function sendProblems(inputs: Inputs): readonly InputProblem[] {
  const { key, keyField, partition } = inputs
  const about = (field: 'keyField' | 'partition', message: string) =>
    invalid(field, writtenInput(field, inputs[field]), message)
  return [
    ...(key && keyField ? [about('keyField', 'contradicts --key. Give one of the two')] : []),
    ...(partition && (key || keyField)
      ? [about('partition', 'contradicts a partition key, which chooses the partition itself. Give one of the two')]
      : []),
  ]
}
