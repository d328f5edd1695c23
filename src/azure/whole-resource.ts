import { randomUUID } from 'node:crypto'
import type { Call } from '../engine/cloud.ts'
import type { NewestVersion } from './api-versions.ts'
import type { ArmRest } from './arm-requests.ts'

/**
 * Changes hubs and consumer groups with GET, merge and PUT, because they have no PATCH. It does not use the SDK's models,
 * which drop unknown properties and round large numbers. Azure has no ETag for these types, so a change by someone else
 * between the two requests would be lost; the PUT follows at once.
 */
export class WholeResource {
  readonly #rest: ArmRest
  readonly #version: NewestVersion

  constructor(rest: ArmRest, version: NewestVersion) {
    this.#rest = rest
    this.#version = version
  }

  /** Both requests use the same api-version, because an older PUT would drop properties of a newer GET. */
  async update(path: string, merge: (current: unknown) => unknown, call: Call): Promise<void> {
    const { text, apiVersion } = await this.#version.ask(async (apiVersion) => ({
      text: await this.#rest.send({ method: 'GET', path, apiVersion }, call),
      apiVersion,
    }))
    const json = parseLossless(text)
    await this.#rest.send({ method: 'PUT', path, apiVersion, body: json.stringify(merge(json.value)) }, call)
  }
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON that keeps its numbers exactly. */
export interface LosslessJson {
  readonly value: unknown
  /** The JSON text of a value made from `value`. */
  stringify(value: unknown): string
}

/**
 * Parses JSON for a change. Numbers that JavaScript cannot represent (Azure sends 9223372036854775807) or would write
 * differently (`1.0`) become marked strings, which `stringify` turns back.
 */
export function parseLossless(text: string): LosslessJson {
  const mark = `${randomUUID()}:`
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"${mark}${token}"`,
  )
  const numbers = new RegExp(`"${mark}([^"]+)"`, 'g')
  return {
    value: JSON.parse(marked),
    stringify: (value) => JSON.stringify(value).replace(numbers, '$1'),
  }
}
