import { createInterface } from 'node:readline'

/** What the scripts of Node's clients share. They are called with a scenario and a JSON document, and print JSON, one a line. */
export const [scenario, given] = process.argv.slice(2)
export const options = JSON.parse(given)
export const PATIENCE = 20_000

export const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)

/** Numbered messages, for all partitions. */
export const messagesOf = (prefix, count, body = '') =>
  Array.from({ length: count }, (_, i) => ({ key: `key-${i % 16}`, value: `${prefix}-${i}${body}`, n: String(i) }))

/** 0 where it went well, else the code that `find` sees in the error. */
export async function codeOf(work, find) {
  try {
    await work()
    return 0
  } catch (error) {
    return find(error)
  }
}

/** What was read, as `{ partition, offset, value }`, in the order of its offsets. */
export function judged(read, modes) {
  const byPartition = groupBy(read)
  const of = (mode) => read.filter(({ value }) => value.startsWith(`${mode}-`))
  const isSorted = (numbers) => numbers.every((number, i) => i === 0 || numbers[i - 1] < number)
  return {
    received: Object.fromEntries(modes.map((mode) => [mode, of(mode).length])),
    inOrder: modes.every((mode) =>
      [...byPartition.values()].every((part) =>
        isSorted(part.flatMap(({ value }) => (value.startsWith(`${mode}-`) ? [Number(value.split('-')[1])] : []))),
      ),
    ),
    contiguous: [...byPartition.values()].every((part) => part.every(({ offset }, i) => Number(offset) === i)),
  }
}

function groupBy(read) {
  const groups = new Map()
  for (const one of read) groups.set(one.partition, [...(groups.get(one.partition) ?? []), one])
  return groups
}

/** Resolves when whoever started us closes our input. */
export const told = () => new Promise((resolve) => createInterface(process.stdin).once('close', resolve))

/** Resolves once a clock shows more than `ms`. */
export async function past(ms) {
  while (Date.now() <= ms) await new Promise((resolve) => setImmediate(resolve))
}

export async function until(isTrue) {
  const deadline = Date.now() + PATIENCE
  while (!isTrue() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
}

export async function run(scenarios) {
  await scenarios[scenario]()
  process.exit(0)
}
