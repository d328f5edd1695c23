import { answerOf } from './failures.ts'

/**
 * Stable api-versions of Event Hubs, newest first. @azure/arm-eventhub 6 is made for the first one. Sovereign clouds and
 * Azure Stack get new versions later, so older ones are tried too. The newest known one is best, because a PUT drops
 * properties that its version does not have: 2024-01-01 lacks messageTimestampDescription and minCompactionLagTimeInMinutes.
 * https://learn.microsoft.com/azure/templates/microsoft.eventhub/change-log/namespaces/eventhubs
 */
const EVENT_HUBS: readonly string[] = ['2026-01-01', '2024-01-01']

/** For requests that are sent without the SDK's functions, except to Event Hubs. */
export const API_VERSIONS = {
  /** The same as in @azure/arm-resources 8. */
  resourceGroups: '2025-04-01',
  /** https://learn.microsoft.com/rest/api/resources/subscriptions */
  subscriptions: '2022-12-01',
  /** https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level */
  locks: '2016-09-01',
  /** https://learn.microsoft.com/rest/api/authorization/role-assignments */
  roleAssignments: '2022-04-01',
  /** https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties */
  storageAccounts: '2023-05-01',
  /** Azure Stack Hub and the public cloud both answer it. */
  metadata: '2015-01-01',
} as const

/** Finds the newest api-version of Event Hubs that the cloud supports. One instance for the run. */
export class NewestVersion {
  /** Index of the newest version that worked. */
  #newest = 0

  /** Tries the versions from the newest on. Later requests begin with the one that worked. */
  async ask<T>(request: (apiVersion: string) => Promise<T>): Promise<T> {
    let refusal: unknown
    for (let index = this.#newest; index < EVENT_HUBS.length; index++) {
      try {
        const answer = await request(EVENT_HUBS[index]!)
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

/** Error codes for an unknown api-version. */
const UNKNOWN_VERSION: readonly (string | undefined)[] = [
  ...['InvalidResourceType', 'NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'UnsupportedApiVersion'],
]

const isUnknownVersion = (error: unknown): boolean => UNKNOWN_VERSION.includes(answerOf(error, 0)?.code)
