import type { Call } from '../engine/cloud.ts'
import type { ArmRest } from './arm-rest.ts'
import { failureOf } from './cloud-error.ts'
import { HUB_API_VERSIONS } from './clouds.ts'
import { UNKNOWN_API_VERSION } from './error-table.ts'
import { parseLossless } from './lossless-json.ts'

/**
 * Changes hubs and consumer groups, which have no PATCH: GET, lay the changes over, PUT. Past the SDK's models, which
 * would drop what they do not know and round what JavaScript cannot hold. Azure sends no ETag for these types, so that a
 * change that somebody else makes between the two requests is lost; the two follow each other at once.
 */
export class WholeResource {
  readonly #rest: ArmRest
  /** Index of the newest api-version that this cloud knows, as far as tried. */
  #version = 0

  constructor(rest: ArmRest) {
    this.#rest = rest
  }

  async update(path: string, merge: (current: unknown) => unknown, call: Call): Promise<void> {
    const { text, apiVersion } = await this.#read(path, call)
    const json = parseLossless(text)
    await this.#rest.send({ method: 'PUT', path, apiVersion, body: json.stringify(merge(json.value)) }, call)
  }

  async #read(path: string, call: Call): Promise<{ readonly text: string; readonly apiVersion: string }> {
    for (;;) {
      const index = this.#version
      const apiVersion = HUB_API_VERSIONS[index] ?? HUB_API_VERSIONS[0]
      try {
        return { text: await this.#rest.send({ method: 'GET', path, apiVersion }, call), apiVersion }
      } catch (error) {
        if (index + 1 >= HUB_API_VERSIONS.length || !isUnknownVersion(error)) throw error
        this.#version = Math.max(this.#version, index + 1)
      }
    }
  }
}

const isUnknownVersion = (error: unknown): boolean => {
  const code = failureOf(error, 0)?.code
  return UNKNOWN_API_VERSION.some((known) => known === code)
}
