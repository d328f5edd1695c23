import { join } from 'node:path'
import type { TargetCommand } from '../prompt/ask-target.ts'
import type { Given } from '../inputs/given.ts'
import { partsOfStorageId, storageNameOf } from '../inputs/capture.ts'
import type { Moment } from '../inputs/events.ts'
import { command, input, type Edits } from '../inputs/refer.ts'
import { whereOf } from '../engine/actual.ts'
import type { StorageConnection } from '../lib/blob/storage-connection.ts'
import { BlobError } from '../lib/blob/blob-error.ts'
import { Failure } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import type { CapturedFile, CaptureStore, Selection } from '../data/capture/capture-store.ts'
import type { CaptureActual } from '../resources/capture/capture.ts'
import { spelledFailure } from '../ui/spell.ts'
import { askTarget } from './ask.ts'
import { absentPartition, chosenHub, nothingCaptured } from './captured-hub.ts'
import { withHubNamed } from './hub-named.ts'
import { spellerFor, withGiven, type Invocation } from './invocation.ts'
import { openBlobs } from './open-blobs.ts'
import { type Run, withInvocation } from './run.ts'
import { settle, type Settled } from './settle.ts'
import { storageOf } from './storage.ts'
import { whileReading } from './wait.ts'

/** What Capture wrote of one hub. */
export interface Captured {
  readonly settled: Settled
  readonly namespace: string
  readonly hub: string
  /** What a command line adds to that of the run, to read the same again. No key. */
  readonly edits: Edits
  readonly capture: CaptureActual
  readonly account: string
  readonly store: CaptureStore
  /** Those that the run is about, newest last. */
  readonly files: readonly CapturedFile[]
  readonly selection: Selection
  /** Events that are in no file yet; undefined where nobody says. */
  readonly waitingEvents: number | undefined
  /** Explains why a file could not be read, if the error is of that kind. */
  readonly failureOf: (error: unknown) => unknown
}

const COMMAND: TargetCommand = 'capture'

/** Finds the hub of a run, and lists its files. */
export async function readCaptured(opened: Run): Promise<Captured> {
  const storage = storageOf(opened.invocation.given)
  const named = withInvocation(opened, withoutStorage(withHubNamed(opened).invocation))
  const isLocal = named.invocation.given.local?.value ?? false
  const run = isLocal ? await (await import('./local-azure.ts')).withNamespaceFound(named) : named
  const settled = await settle(run, { yes: false, ask: askTarget(run, COMMAND) })
  try {
    return await whileReading(run, () =>
      readFiles(run, settled, { storage, isTyped: opened.invocation.given.storage?.source === 'flag' }),
    )
  } catch (error) {
    throw spelledFailure(error, spellerFor(settled.invocation))
  }
}

/** Of Azure, files can be read with a connection string as well. That is for other commands in vain. */
const withoutStorage = (invocation: Invocation): Invocation =>
  invocation.given.local?.value ? invocation : withGiven(invocation, { ...invocation.given, storage: undefined })

interface StorageAsked {
  readonly storage: ReadonlyMap<string, StorageConnection>
  /** A variable gives it to the next command too. */
  readonly isTyped: boolean
}

async function readFiles(run: Run, settled: Settled, { storage, isTyped }: StorageAsked): Promise<Captured> {
  const { gate, clock } = run.azure
  const at = whereOf(settled.spec)
  const cloud = settled.signedIn.cloudFor(settled.spec.subscriptionId)
  const [namespace, hubs] = await Promise.all([
    gate.run((call) => cloud.readNamespace(at, call)),
    gate.run((call) => cloud.listHubs(at, call)),
  ])
  if (!namespace || !hubs) throw nothingCaptured(settled, at)
  const { name: hub, capture, partitions } = chosenHub(settled, namespace.name, hubs)
  const { given } = settled.invocation
  const account = storageNameOf(capture.storageAccount)
  const { store, failureOf } = await storeFor(run, settled, { account, capture, connection: storage.get(account) })
  const selection = { partition: given.partition?.value, sinceMs: momentMs(given, clock.now()) }
  const { capturedFiles } = await import('../data/capture/capture-store.ts')
  const { archiveNameFormat } = capture
  const [files, waitingEvents] = await Promise.all([
    capturedFiles(store, { namespace: namespace.name, hub, archiveNameFormat }, selection).catch((error: unknown) => {
      throw failureOf(error)
    }),
    waitingOf(run, settled, { namespace: namespace.name, hub }),
  ])
  // A hub that was made anew with fewer partitions may have files of more.
  if (files.length === 0 && selection.partition !== undefined && selection.partition >= partitions)
    throw absentPartition(hub, partitions, selection.partition)
  const edits: Edits = {
    hub: { of: hub, name: hub },
    storage: isTyped && storage.has(account) ? { blank: `${account}=CONNECTIONSTRING` } : null,
  }
  const speller = spellerFor(settled.invocation)
  return {
    ...{ settled, namespace: namespace.name, hub, edits, capture, account, store, files, selection, waitingEvents },
    failureOf: (error) => spelledFailure(failureOf(error), speller),
  }
}

/** How many events the embedded Azure has yet to write. Azure does not say. */
async function waitingOf(
  { deps }: Run,
  { invocation }: Settled,
  { namespace, hub }: Pick<Captured, 'namespace' | 'hub'>,
): Promise<number | undefined> {
  if (!invocation.given.local?.value) return undefined
  const { hubsHeld } = await import('./local-azure.ts')
  const hubs = await hubsHeld({ invocation, deps })
  const found = hubs.find((one) => sameName(one.namespace, namespace) && sameName(one.name, hub))
  return found?.capture?.pendingEvents
}

/** Times in the files are whole seconds. */
const momentMs = ({ since }: Given, nowMs: number): number | undefined =>
  since && Math.floor(atOf(since.value, nowMs) / 1_000) * 1_000

const atOf = (moment: Moment, nowMs: number): number => (moment.kind === 'time' ? moment.atMs : nowMs - moment.ms)

interface OpenStore {
  readonly store: CaptureStore
  /** Explains why it could not be read. */
  readonly failureOf: (error: unknown) => unknown
}

interface Place extends Pick<Captured, 'account' | 'capture'> {
  /** With it the files are read, wherever they are. */
  readonly connection: StorageConnection | undefined
}

/** Where the files of an account are: where a connection string says, on this machine for the embedded Azure, or in Azure. */
async function storeFor(run: Run, settled: Settled, place: Place): Promise<OpenStore> {
  const isLocal = settled.invocation.given.local?.value ?? false
  if (isLocal && !place.connection) return folderStore(run, settled, place)
  const { account, capture, connection } = place
  if (!connection && !partsOfStorageId(capture.storageAccount)) throw otherDestination()
  const [{ client, by }, { BlobStore, storeFailure }] = await Promise.all([
    openBlobs(run, settled, account, connection),
    import('../data/capture/blob-store.ts'),
  ])
  const { container, storageAccount: accountId } = capture
  return {
    // The embedded Azure makes the container with the first file.
    store: new BlobStore(client, { container, mayBeAbsent: isLocal, signal: run.azure.stop }),
    failureOf: (error) =>
      error instanceof BlobError ? storeFailure(error, { account, accountId, container, by, isLocal }) : error,
  }
}

/** Throws a `Failure` where the embedded Azure writes the files of this account elsewhere. */
async function folderStore({ deps }: Run, { invocation }: Settled, { account, capture }: Place): Promise<OpenStore> {
  const [{ dataFolderOf }, { localStatus }, { FolderStore }] = await Promise.all([
    import('./local-azure.ts'),
    import('../local/index.ts'),
    import('../data/capture/capture-store.ts'),
  ])
  const dataFolder = dataFolderOf(invocation, deps)
  const status = await localStatus({ host: deps.host, dataFolder })
  const elsewhere = status.running ? status.captureStorage?.[account] : undefined
  if (elsewhere !== undefined) throw needsString(account, elsewhere)
  const store = new FolderStore(join(dataFolder, 'capture', account, capture.container))
  return { store, failureOf: (error) => (isOfFiles(error) ? unreadable(error) : error) }
}

const needsString = (account: string, where: string): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't read captured files: those of ${account} are at ${where}`,
    why: ['The embedded Azure was started with a connection string for it, which is kept nowhere.'],
    hint: say`Give it again with ${input('storage')}.`,
  })

const isOfFiles = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error

const unreadable = (error: NodeJS.ErrnoException): Failure =>
  new Failure({
    ...{ code: 'failed', message: "Can't read captured files", why: [`${error.message}.`], cause: error },
    hint: 'See what is at that place, and run the same command again.',
  })

const otherDestination = (): Failure =>
  new Failure({
    code: 'absent',
    message: "Can't read captured files: they are not in a storage account",
    why: ['Capture writes into a Data Lake Storage Gen1, which Azure has retired.'],
    hint: say`Capture into a storage account with: ${command('create', { captureStorageAccount: { blank: 'ID' }, captureContainer: { blank: 'NAME' } })}`,
  })
