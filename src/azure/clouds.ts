import type { CloudName } from '../inputs/target.ts'

/** Where a cloud listens and who signs its tokens. https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure */
export interface CloudEndpoints {
  readonly arm: string
  /** What a token has to be for. */
  readonly audience: string
  readonly authority: string
  /** Host suffix of the data plane. */
  readonly dataSuffix: string
}

export const CLOUD_ENDPOINTS: Readonly<Record<CloudName, CloudEndpoints>> = {
  AzureCloud: {
    arm: 'https://management.azure.com',
    audience: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    dataSuffix: 'servicebus.windows.net',
  },
  AzureUSGovernment: {
    arm: 'https://management.usgovcloudapi.net',
    audience: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    dataSuffix: 'servicebus.usgovcloudapi.net',
  },
  AzureChinaCloud: {
    arm: 'https://management.chinacloudapi.cn',
    audience: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    dataSuffix: 'servicebus.chinacloudapi.cn',
  },
}

export const EVENT_HUBS_PROVIDER = 'Microsoft.EventHub'

/** The version that @azure/arm-eventhub 5.2 speaks; the namespace PUT that goes around its poller uses the same. */
export const NAMESPACE_API_VERSION = '2024-01-01'

/**
 * Stable versions for reading a hub or consumer group whole and writing it back, newest first. A PUT replaces, and a
 * version does not show what came after it: 2024-01-01 hides messageTimestampDescription and
 * minCompactionLagTimeInMinutes, so writing back what it shows would lose them. Sovereign clouds and Azure Stack get
 * versions later than the public cloud: where the first is not known yet, the next is asked.
 * https://learn.microsoft.com/azure/templates/microsoft.eventhub/change-log/namespaces/eventhubs
 */
export const HUB_API_VERSIONS = ['2026-01-01', '2024-01-01'] as const

/** https://learn.microsoft.com/rest/api/resources/subscriptions */
export const SUBSCRIPTIONS_API_VERSION = '2022-12-01'

/** The version that @azure/arm-resources 7 speaks; the DELETE that goes around its poller uses the same. */
export const GROUPS_API_VERSION = '2025-04-01'

/** https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties */
export const STORAGE_API_VERSION = '2023-05-01'

/** https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level */
export const LOCKS_API_VERSION = '2016-09-01'
