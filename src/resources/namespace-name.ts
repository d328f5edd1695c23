import { createHash } from 'node:crypto'
import { nameKeyOf } from '../lib/names.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The name of a namespace nobody named: unique to subscription and resource group, and the same on every run. */
export function defaultNamespaceName(subscriptionId: string, resourceGroup: string): string {
  const hash = createHash('sha256')
    .update(`${nameKeyOf(subscriptionId)}/${nameKeyOf(resourceGroup)}`)
    .digest()
  return `ml-ingest-${[...hash.subarray(0, 8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`
}
