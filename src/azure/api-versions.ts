import { answerOf } from './failures.ts'

/**
 * Stable api-versions that we know, newest first. Requests are made for the first one. Sovereign clouds and Azure Stack get
 * new versions later.
 */
const KNOWN_VERSIONS = {
  /**
   * @azure/arm-eventhub 6 is made for the first one. A PUT drops properties that its version does not have: 2024-01-01 lacks
   * messageTimestampDescription and minCompactionLagTimeInMinutes.
   * https://learn.microsoft.com/azure/templates/microsoft.eventhub/change-log/namespaces/eventhubs
   */
  eventHubs: ['2026-01-01', '2024-01-01'],
  /** Resource groups and providers. The first one is that of @azure/arm-resources 8. */
  resources: ['2025-04-01', '2022-09-01', '2020-10-01', '2018-05-01'],
  /** https://learn.microsoft.com/rest/api/resources/subscriptions */
  subscriptions: ['2022-12-01', '2020-01-01', '2016-06-01'],
  /** https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level */
  locks: ['2016-09-01', '2015-01-01'],
  /** https://learn.microsoft.com/rest/api/authorization/role-assignments */
  roleAssignments: ['2022-04-01', '2015-07-01'],
  /** https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties */
  storageAccounts: ['2023-05-01', '2021-09-01', '2019-06-01', '2017-10-01'],
  /** https://github.com/Azure/azure-rest-api-specs/tree/main/specification/monitor/resource-manager/Microsoft.Insights */
  metrics: ['2024-02-01', '2023-10-01', '2018-01-01'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>

/** A kind of request that has api-versions of its own. */
export type Api = keyof typeof KNOWN_VERSIONS

/** Azure Stack Hub and the public cloud both answer it. */
export const METADATA_VERSION = '2015-01-01'

/** Finds for each kind of request the newest api-version that the cloud has too. One instance for the run. */
export class ApiVersions {
  /** The newest version that worked. */
  readonly #newest = new Map<Api, string>()

  /**
   * Sends the request in the newest version, and in an older one where the cloud does not know it. Later requests begin with
   * the one that worked. Rejects with the first refusal if there is no common version.
   */
  async ask<T>(api: Api, request: (apiVersion: string) => Promise<T>): Promise<T> {
    let refusal: unknown
    let version: string | undefined = this.#newest.get(api) ?? KNOWN_VERSIONS[api][0]
    while (version !== undefined) {
      try {
        const answer = await request(version)
        if (version < (this.#newest.get(api) ?? KNOWN_VERSIONS[api][0])) this.#newest.set(api, version)
        return answer
      } catch (error) {
        const answer = answerOf(error, 0)
        if (!UNKNOWN_VERSION.includes(answer?.code)) throw error
        refusal ??= error
        version = nextOlder(version, KNOWN_VERSIONS[api], answer?.versions)
      }
    }
    throw refusal
  }
}

/** Error codes for an unknown api-version. */
const UNKNOWN_VERSION: readonly (string | undefined)[] = [
  ...['InvalidResourceType', 'NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'UnsupportedApiVersion'],
]

const STABLE = /^\d{4}-\d{2}-\d{2}$/

/** The newest version older than the refused one: of those that the cloud says it has, otherwise of ours. */
function nextOlder(refused: string, ours: readonly string[], offered: readonly string[] = []): string | undefined {
  // It was refused for another reason, such as the region.
  if (offered.includes(refused)) return undefined
  const newest = (versions: readonly string[]): string | undefined =>
    versions
      .filter((one) => STABLE.test(one) && one < refused)
      .sort()
      .at(-1)
  return newest(offered) ?? (offered.length > 0 ? undefined : newest(ours))
}
