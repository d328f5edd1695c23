import type { Call } from '../engine/cloud.ts'
import type { ArmRest } from './arm-rest.ts'
import { parseLossless } from './lossless-json.ts'
import type { NewestVersion } from './newest-version.ts'

/**
 * Changes hubs and consumer groups, which have no PATCH: GET, lay the changes over, PUT. Past the SDK's models, which
 * would drop what they do not know and round what JavaScript cannot hold. Azure sends no ETag for these types, so that a
 * change that somebody else makes between the two requests is lost; the two follow each other at once.
 */
export class WholeResource {
  readonly #rest: ArmRest
  readonly #version: NewestVersion

  constructor(rest: ArmRest, version: NewestVersion) {
    this.#rest = rest
    this.#version = version
  }

  /** Both requests use one api-version: an older PUT would drop what a newer GET has shown. */
  async update(path: string, merge: (current: unknown) => unknown, call: Call): Promise<void> {
    const { text, apiVersion } = await this.#version.ask(async (apiVersion) => ({
      text: await this.#rest.send({ method: 'GET', path, apiVersion }, call),
      apiVersion,
    }))
    const json = parseLossless(text)
    await this.#rest.send({ method: 'PUT', path, apiVersion, body: json.stringify(merge(json.value)) }, call)
  }
}
