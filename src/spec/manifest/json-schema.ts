import { MANIFEST } from './manifest-shape.ts'
import type { ObjectShape, Shape } from './shape.ts'

export const MANIFEST_SCHEMA_ID = 'https://unpkg.com/ml-ingest/schema/ml-ingest-manifest-v1.schema.json'

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

/** The published JSON Schema of the manifest, made from the same shape that reads it. */
export const manifestSchema = (): Json => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: MANIFEST_SCHEMA_ID,
  title: 'ml-ingest manifest',
  ...(objectSchema(MANIFEST) as Record<string, Json>),
})

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'scalar':
      return {
        description: shape.help,
        type: shape.type,
        ...(shape.oneOf ? { enum: shape.oneOf } : {}),
        ...(shape.examples ? { examples: shape.examples } : {}),
      }
    case 'list':
      return { description: shape.help, type: 'array', items: schemaOf(shape.of) }
    case 'map':
      return { description: shape.help, type: 'object', additionalProperties: schemaOf(shape.of) }
    case 'object':
      return objectSchema(shape)
    case 'choice':
      return { description: shape.help, anyOf: [schemaOf(shape.short), schemaOf(shape.long)] }
  }
}

const objectSchema = (shape: ObjectShape): Json => ({
  description: shape.help,
  type: 'object',
  additionalProperties: false,
  ...(shape.required.length > 0 ? { required: shape.required } : {}),
  properties: Object.fromEntries(Object.entries(shape.keys).map(([key, value]) => [key, schemaOf(value)])),
})
