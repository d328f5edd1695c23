/**
 * The only door of the embedded Azure: nothing outside this folder imports another file of it. Loading it loads next to
 * nothing. The functions here load what does the work when they are called.
 */
import type * as Client from './arm/client.ts'
import type * as Faults from './arm/core/faults.ts'
import type * as LocalArm from './arm/local-arm.ts'
import type * as EmulatorConfig from './process/emulator-config.ts'
import type * as InProcess from './process/in-process.ts'
import type * as Launcher from './process/launcher.ts'
import type * as Record from './process/record.ts'
import type { LocalRecord } from './process/record.ts'
import type * as Service from './process/service.ts'

export { defaultDataFolder, isDetached, realHost, type LocalHost } from './process/host.ts'
export { LOCAL_LOCATION, LOCAL_SUBSCRIPTION, ONLY_LOOKING } from './constants.ts'
export type { Fault, FaultKind } from './arm/core/faults.ts'
export type { RequestRecord } from './arm/core/server.ts'
export type { LocalArm, LocalArmOptions } from './arm/local-arm.ts'
export type { Seed } from './arm/seed.ts'
export type { ArmResource } from './arm/client.ts'
export type { WantedNamespace } from './arm/provision.ts'
export type { ArmSwitches } from './process/assembly.ts'
export type { LocalStatus } from './process/launcher.ts'
export type { Held, HubHeld, LocalRecord, NamespaceHeld } from './process/record.ts'
export type { Flushed } from './capture/captures.ts'
export type { HubCaptureStats } from './capture/hub-capture.ts'
export type { CapturedFile } from './capture/progress.ts'
export type { KafkaGroupHeld } from './kafka/groups/groups.ts'
export type { LocalService } from './process/service.ts'

/** Whether the embedded Azure of a data folder runs, and where. */
export const localStatus: typeof Launcher.localStatus = async (inputs) =>
  (await import('./process/launcher.ts')).localStatus(inputs)

/** Makes sure that it runs, in a process of its own. */
export const startDetached: typeof Launcher.startDetached = async (inputs) =>
  (await import('./process/launcher.ts')).startDetached(inputs)

/** Ends it and waits until it is gone. */
export const stopLocal: typeof Launcher.stopLocal = async (inputs) =>
  (await import('./process/launcher.ts')).stopLocal(inputs)

/** Ends it and removes everything it knew: resources, keys and events. */
export const resetLocal: typeof Launcher.resetLocal = async (inputs) =>
  (await import('./process/launcher.ts')).resetLocal(inputs)

/** What a running one holds. */
export const askHeld: typeof Record.askHeld = async (record) => (await import('./process/record.ts')).askHeld(record)

/** Lets a running one close the windows of Capture. */
export const flushCapture: typeof Record.flushCapture = async (...inputs) =>
  (await import('./process/record.ts')).flushCapture(...inputs)

/** The ports of the data plane of one whose Resource Manager is at the endpoint; none when it does not say. */
export const askListeners: typeof Record.askListeners = async (armEndpoint) =>
  (await import('./process/record.ts')).askListeners(armEndpoint)

/** Runs the embedded Azure of a data folder in this process. */
export const startService: typeof Service.startService = async (options) =>
  (await import('./process/service.ts')).startService(options)

/** Starts one in this process that keeps nothing. */
export const startInProcess: typeof InProcess.startInProcess = async (options) =>
  (await import('./process/in-process.ts')).startInProcess(options)

/** Starts one in this process and makes hubs in it. */
export const startWithHubs: typeof InProcess.startWithHubs = async (options) =>
  (await import('./process/in-process.ts')).startWithHubs(options)

/** Starts its Resource Manager alone, without events. */
export const startLocalArm: typeof LocalArm.startLocalArm = async (options) =>
  (await import('./arm/local-arm.ts')).startLocalArm(options)

/** A client of the Resource Manager of a running one. */
export const armClient = async (endpoint: string, options?: Client.ArmClientOptions): Promise<Client.ArmClient> =>
  (await import('./arm/client.ts')).armClient(endpoint, options)

/** Reads the Config.json of the official emulator. */
export const readEmulatorConfig = async (text: string): Promise<EmulatorConfig.ReadConfig> =>
  (await import('./process/emulator-config.ts')).readEmulatorConfig(text)

/** The connection string for the hubs of such a file. */
export const emulatorConnection = async (record: LocalRecord): Promise<string | undefined> =>
  (await import('./process/emulator-config.ts')).emulatorConnection(record)

/** Reads the faults that Resource Manager is told to make. */
export const readFaults = async (texts: readonly string[]): Promise<ReturnType<typeof Faults.readFaults>> =>
  (await import('./arm/core/faults.ts')).readFaults(texts)
