import { parseEnvironmentName } from '../inputs/parsers.ts'
import type { Parsed, Parser } from '../lib/parser.ts'
import { FRONT_DOOR } from '../resources/front-door.ts'
import {
  object,
  integer,
  type MapShape,
  type TreeOf,
  type ObjectShape,
  type ScalarShape,
  type Shape,
} from '../wanted/shape.ts'

const parseVersion: Parser<number> = Object.assign(
  (words: string): Parsed<number> =>
    words === '1' ? { ok: true, value: 1 } : { ok: false, message: 'is not a version that this ml-ingest reads: 1' },
  { accepts: { minimum: 1, maximum: 1 } },
)

const ENVIRONMENTS: MapShape<typeof FRONT_DOOR> = {
  kind: 'map',
  key: parseEnvironmentName,
  help: 'what differs in an environment, chosen with -e; tags are added, hubs are merged by name',
  of: FRONT_DOOR,
}

/** The shape of a manifest: the front door, and what differs in each environment. */
export const MANIFEST = object(
  'What ml-ingest keeps in Azure: one namespace with its event hubs, per environment.',
  { version: integer('version of this form', parseVersion), ...FRONT_DOOR.keys, environments: ENVIRONMENTS },
  { required: ['version'] },
)

/** A manifest that was read. Every value has its line and column. */
export type ManifestTree = TreeOf<typeof MANIFEST>

export const MANIFEST_SCHEMA_ID = 'https://unpkg.com/ml-ingest/schema/ml-ingest-manifest-v1.schema.json'

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

/** The published JSON Schema of the manifest, made from the shape that the reader uses. */
export const manifestSchema = (): Json => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: MANIFEST_SCHEMA_ID,
  title: 'ml-ingest manifest',
  ...(objectSchema(MANIFEST) as Record<string, Json>),
})

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'scalar':
      return scalarSchema(shape)
    case 'list':
      return {
        description: shape.help,
        type: 'array',
        items: schemaOf(shape.of),
        ...(shape.empty ? { minItems: 1 } : {}),
      }
    case 'map':
      return mapSchema(shape)
    case 'object':
      return objectSchema(shape)
    case 'choice':
      return { description: shape.help, anyOf: [schemaOf(shape.short), schemaOf(shape.long)] }
  }
}

/** A choice accepts any case, but an editor offers only one. A text may look like a number, without quotes. */
function scalarSchema({ help, type, parse, oneOf, examples }: ScalarShape): Json {
  return {
    description: help,
    ...(oneOf
      ? oneOfSchema(type, oneOf)
      : { type: type === 'string' ? ['string', 'number', 'boolean'] : type, ...limitsOf(parse) }),
    ...(examples ? { examples } : {}),
  }
}

/** Words that are numbers, such as `1.2`, may stand without quotes. */
const oneOfSchema = (type: ScalarShape['type'], words: readonly string[]): Record<string, Json> => {
  const numbers = words.map(Number).filter((number) => !Number.isNaN(number))
  const anyOf = [{ enum: [...words] }, { pattern: `^(${words.map(inAnyCase).join('|')})$` }]
  return numbers.length > 0 ? { type: [type, 'number'], anyOf: [{ enum: [...words, ...numbers] }] } : { type, anyOf }
}

const inAnyCase = (word: string): string =>
  word.replaceAll(/[A-Za-z]/g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)

function limitsOf({ accepts = {} }: Parser<unknown>): Record<string, Json> {
  const { minimum, maximum } = accepts
  return minimum !== undefined && minimum === maximum ? { const: minimum } : { ...accepts }
}

const mapSchema = (shape: MapShape): Json => ({
  description: shape.help,
  type: 'object',
  propertyNames: limitsOf(shape.key),
  additionalProperties: schemaOf(shape.of),
})

const objectSchema = (shape: ObjectShape): Json => ({
  description: shape.help,
  type: 'object',
  additionalProperties: false,
  ...(shape.required.length > 0 ? { required: shape.required } : {}),
  properties: Object.fromEntries(Object.entries(shape.keys).map(([key, value]) => [key, schemaOf(value)])),
})
