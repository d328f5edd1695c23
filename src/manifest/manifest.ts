import { parseEnvironmentName } from '../inputs/parsers.ts'
import type { Parsed, Parser } from '../lib/parser.ts'
import { FRONT_DOOR } from '../resources/front-door.ts'
import { object, integer, type MapShape, type TreeOf } from '../wanted/shape.ts'

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
