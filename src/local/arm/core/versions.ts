/**
 * The api-versions of Microsoft.EventHub from 2017-04-01 on, newest first.
 * Source: https://github.com/Azure/azure-rest-api-specs specification/eventhub/resource-manager, and for 2026-01-01
 * https://github.com/Azure/bicep-types-az generated/eventhub.
 */
export const EVENT_HUB_VERSIONS: readonly string[] = [
  '2026-01-01',
  '2025-05-01-preview',
  '2024-05-01-preview',
  '2024-01-01',
  '2023-01-01-preview',
  '2022-10-01-preview',
  '2022-01-01-preview',
  '2021-11-01',
  '2021-06-01-preview',
  '2021-01-01-preview',
  '2018-01-01-preview',
  '2017-04-01',
]

/** Of Microsoft.Resources and of subscriptions. Source: the list that Azure prints in InvalidApiVersionParameter. */
export const RESOURCES_VERSIONS: readonly string[] = [
  '2025-04-01',
  '2025-03-01',
  '2024-11-01',
  '2024-08-01',
  '2024-07-01',
  '2024-06-01-preview',
  '2024-03-01',
  '2023-07-01-preview',
  '2023-07-01',
  '2023-03-01-preview',
  '2022-12-01',
  '2022-11-01-preview',
  '2022-09-01',
  '2022-06-01',
  '2022-05-01',
  '2022-03-01-preview',
  '2022-01-01',
  '2021-04-01',
  '2021-01-01',
  '2020-10-01',
  '2020-09-01',
  '2020-08-01',
  '2020-07-01',
  '2020-06-01',
  '2020-05-01',
  '2020-01-01',
  '2019-11-01',
  '2019-10-01',
  '2019-09-01',
  '2019-08-01',
  '2019-07-01',
  '2019-06-01',
  '2019-05-10',
  '2019-05-01',
  '2019-03-01',
  '2018-11-01',
  '2018-09-01',
  '2018-08-01',
  '2018-07-01',
  '2018-06-01',
  '2018-05-01',
  '2018-02-01',
  '2018-01-01',
  '2017-12-01',
  '2017-09-01',
  '2017-08-01',
  '2017-06-01',
  '2017-05-10',
  '2017-05-01',
  '2017-03-01',
  '2016-09-01',
  '2016-07-01',
  '2016-06-01',
  '2016-02-01',
  '2015-11-01',
  '2015-01-01',
  '2014-04-01',
]

/** Of locks. Source: https://learn.microsoft.com/azure/templates/microsoft.authorization/locks */
export const LOCK_VERSIONS: readonly string[] = ['2020-05-01', '2017-04-01', '2016-09-01', '2015-01-01']

/** Of role assignments. Source: https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest */
export const ROLE_ASSIGNMENT_VERSIONS: readonly string[] = [
  '2022-04-01',
  '2020-10-01-preview',
  '2020-08-01-preview',
  '2020-04-01-preview',
  '2020-03-01-preview',
  '2018-09-01-preview',
  '2018-01-01-preview',
  '2017-10-01-preview',
  '2015-07-01',
]

/** Whether `version` is `first` or later, previews counted by their date. */
export const since = (version: string, first: string): boolean => version.slice(0, 10) >= first.slice(0, 10)
