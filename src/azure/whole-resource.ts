import { randomUUID } from 'node:crypto'
import type { Call } from '../engine/cloud.ts'
import type { NewestVersion } from './api-versions.ts'
import type { ArmRest } from './arm-requests.ts'

/**
 * Changes hubs and consumer groups. They have no PATCH, so it is GET, merge, PUT, without the SDK's models: these would drop
 * what they do not know and round what JavaScript cannot hold. Azure sends no ETag for these types. What somebody else
 * changes between the two requests is lost, so the PUT follows at once.
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

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON that keeps its numbers as they are written. */
export interface LosslessJson {
  readonly value: unknown
  /** JSON text of any value made from `value`. */
  stringify(value: unknown): string
}

/**
 * Parses JSON that is to be changed and written back. Numbers that JavaScript cannot hold (Azure sends
 * 9223372036854775807) or would write differently (`1.0`) become marked strings, and are written back as they were.
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
