import type { LocalCapture } from '../../../../src/local/hubs/directory.ts'

/** Settings of a hub that is captured: the shortest window, the smallest file and the usual names. */
export const CAPTURE: LocalCapture = {
  ...{ account: 'lake', container: 'raw', intervalSeconds: 60, sizeLimitBytes: 10 * 2 ** 20 },
  archiveNameFormat: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}',
  ...{ skipEmptyArchives: false, codec: 'null' },
}
