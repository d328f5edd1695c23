import type { Condition } from '../inputs/events.ts'

/** The value of a field: of one that has the dots in its name, else of one further down. Undefined if there is none. */
export function fieldOf(event: unknown, path: readonly string[]): unknown {
  const whole = ownOf(event, path.join('.'))
  return whole === undefined ? path.reduce(ownOf, event) : whole
}

const ownOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

/** Whether a JSON body has all these values. */
export function holds(conditions: readonly Condition[], body: unknown): boolean {
  if (conditions.length === 0) return true
  const event = jsonOf(body)
  return conditions.every(({ path, value }) => isEqual(fieldOf(event, path), value))
}

/** A text is equal as it is, a number as a number: 7 is 7.0; true, false and null by their names. */
function isEqual(found: unknown, wanted: string): boolean {
  if (typeof found === 'number') return wanted.trim() !== '' && Number(wanted) === found
  return typeof found === 'string' || typeof found === 'boolean' || found === null ? String(found) === wanted : false
}

function jsonOf(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return body
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
