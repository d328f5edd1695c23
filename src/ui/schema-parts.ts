import Type, { type Static, type TEnumValue, type TProperties, type TSchema } from 'typebox'
import type { ExitCode } from './exit.ts'

/** What the declarations of documents are made of. Only they import it: that keeps TypeBox out of the program. */

export const about = (help?: string) => (help === undefined ? {} : { description: help })
export const text = (help?: string) => Type.String(about(help))
export const whole = (help?: string) => Type.Integer(about(help))
export const list = <T extends TSchema>(of: T, help?: string) => Type.Array(of, about(help))
export const oneOf = <const W extends TEnumValue[]>(words: readonly [...W], help?: string) =>
  Type.Enum(words, about(help))
export const orNull = <T extends TSchema>(of: T, help?: string) => Type.Union([of, Type.Null()], about(help))
export const object = <P extends TProperties>(keys: P, help?: string) =>
  Type.Object(keys, { ...about(help), additionalProperties: false })

export const refer = <T>(name: string) => Type.Unsafe<T>({ $ref: `#/$defs/${name}` })
export const parts: Record<string, TSchema> = {}
/** An object that the schema defines once, under its name in `$defs`. */
export function part<P extends TProperties>(name: string, keys: P, help?: string) {
  const schema = object(keys, help)
  parts[name] = schema
  return refer<Static<typeof schema>>(name)
}

/** The version goes up when a key is removed or changes its meaning. A new key does not change the version. */
export const answer = <P extends TProperties>(name: string, help: string, keys: P) =>
  part(name, { schemaVersion: Type.Literal(1), ...keys }, help)
export const exitCode = (schema: TSchema) => Type.Unsafe<ExitCode>(schema)

export const TARGET = part('target', { subscriptionId: text(), resourceGroup: text(), namespace: text() })

export const MANIFEST = {
  file: text('File name without its folder'),
  environment: orNull(text(), 'Null when the file has no environments, or the run is about all of them'),
}

const AZURE = object({
  status: orNull(whole(), 'HTTP status'),
  code: orNull(text(), "Azure's error code"),
  message: orNull(text(), "Azure's own message"),
  requestId: orNull(text(), 'x-ms-request-id'),
  correlationId: orNull(text(), 'x-ms-correlation-request-id'),
})
const MISSING = object({
  ...{ input: text(), flag: text(), message: text() },
  onlyIf: orNull(text(), 'The only case in which it is needed; null when it always is'),
  env: orNull(text(), 'The environment variable that sets it'),
  example: orNull(text(), 'An example value'),
})
const INVALID = object({
  input: text(),
  flag: text('The flag as typed; for a value from a manifest its place, FILE:LINE:COLUMN'),
  message: text(),
  file: orNull(
    text(),
    'The manifest that contains the value, as it was named; null for a value from a flag or a variable',
  ),
  line: orNull(whole(), 'Counted from 1'),
  column: orNull(whole(), 'Counted from 1'),
})
export const ERROR = part('error', {
  code: text('A stable code: usage, access, refused, azure, partial, deadline, cancelled, bug, ...'),
  message: text(),
  why: list(text()),
  hint: orNull(text(), 'What to do next'),
  azure: orNull(AZURE, "Azure's answer; null when Azure was not asked"),
  missing: list(MISSING, 'Required inputs that were not given'),
  invalid: list(INVALID, 'Inputs that are not valid'),
})

export const USE = object({
  of: oneOf(['bytes in', 'events in', 'bytes out', 'events out'], 'bytes out and events out are those of all readers'),
  needs: Type.Number(about('Bytes or events a second, at the busiest.')),
  carries: Type.Number(about('The most that the units carry.')),
  percent: Type.Number(),
})
/** The load of a hub. */
export const HUB_LOAD = {
  name: text(),
  eventsPerSecond: Type.Number(about('On average.')),
  ...{ bytesPerEvent: whole(), peak: Type.Number(about('Times the average.')), readers: whole(), workers: whole() },
  ordered: Type.Boolean(about('All events stay in one order.')),
  partitions: whole(),
}

const AMOUNT = 'Amount of a month; null when its price or its quantity is not known'
export const COST = object({
  currency: text('ISO 4217 code of every amount'),
  region: text('The region that the prices are of'),
  source: oneOf(['list', 'live'], 'list: known to this version. live: from the price API of Azure, in this run.'),
  insteadOf: orNull(
    object({ region: text(), currency: text() }),
    'What has no prices in this version, so that those of another region or currency stand in; null when they do not',
  ),
  monthly: Type.Number(about('Sum of the parts that are known, in a month at the planned capacity and the mean load.')),
  monthlyCeiling: Type.Number(
    about('The same at the highest capacity that auto-inflate may reach, in every hour of the month.'),
  ),
  perMillionEvents: orNull(Type.Number(), 'Events of up to 64 KB; 0 when they are included, null when not known'),
  withCapture: Type.Boolean(about('Whether the monthly costs include Capture.')),
  withEvents: Type.Boolean(
    about('Whether the monthly costs include events in and storage, because the load is known.'),
  ),
  parts: list(
    object({
      of: oneOf(['units', 'events', 'storage', 'capture']),
      monthly: orNull(Type.Number(), AMOUNT),
      ceiling: orNull(Type.Number(), 'The same at the highest capacity that auto-inflate may reach'),
    }),
    'What is charged; what is included in the units is left out',
  ),
  asOf: text('The month of the list prices.'),
})
