import { answerOf } from './failures.ts'

/**
 * Stable api-versions of Event Hubs, newest first. A PUT replaces, and a version does not show what came after it:
 * 2024-01-01 hides messageTimestampDescription and minCompactionLagTimeInMinutes, so writing back what it shows would lose
 * them. Sovereign clouds and Azure Stack get versions later than the public cloud: where the first is not known yet, the
 * next is asked. The first is the one that @azure/arm-eventhub 6 is made for.
 * https://learn.microsoft.com/azure/templates/microsoft.eventhub/change-log/namespaces/eventhubs
 */
const EVENT_HUBS: readonly string[] = ['2026-01-01', '2024-01-01']

/** Of requests without the SDK's functions, other than to Event Hubs. */
export const API_VERSIONS = {
  /** The one that @azure/arm-resources 8 speaks: the DELETE that goes around its poller uses the same. */
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

/** Finds the newest api-version of Event Hubs that a cloud knows, by asking. One for the run. */
export class NewestVersion {
  /** Index of the newest version that worked. */
  #newest = 0

  /**
   * Sends the request with the newest version, and with the next older one where the cloud does not know that. An older
   * one is kept only once it has worked: when all are refused, it is about something else.
   */
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

/** What ARM says to an api-version that it does not know. */
const UNKNOWN_VERSION: readonly (string | undefined)[] = [
  ...['InvalidResourceType', 'NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'UnsupportedApiVersion'],
]

const isUnknownVersion = (error: unknown): boolean => UNKNOWN_VERSION.includes(answerOf(error, 0)?.code)
