import { failureOf } from './cloud-error.ts'
import { EVENT_HUBS_API_VERSIONS } from './clouds.ts'
import { UNKNOWN_API_VERSION } from './error-table.ts'

/** Finds the newest api-version of Event Hubs that a cloud knows, by asking. */
export class NewestVersion {
  /** Index of the newest version that worked. */
  #newest = 0

  /**
   * Sends the request with the newest version, and with the next older one where the cloud does not know that. An older
   * one is kept only once it has worked: a refusal of all of them is about something else.
   */
  async ask<T>(request: (apiVersion: string) => Promise<T>): Promise<T> {
    let refusal: unknown
    for (let index = this.#newest; index < EVENT_HUBS_API_VERSIONS.length; index++) {
      try {
        const answer = await request(EVENT_HUBS_API_VERSIONS[index]!)
        this.#newest = Math.max(this.#newest, index)
        return answer
      } catch (error) {
        if (!isUnknownVersion(error)) throw error
        refusal ??= error
      }
    }
    throw refusal
  }
}

const isUnknownVersion = (error: unknown): boolean => {
  const code = failureOf(error, 0)?.code
  return UNKNOWN_API_VERSION.some((known) => known === code)
}
