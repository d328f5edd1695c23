import type { Clock } from '../lib/clock.ts'
import { type Failure, Interruption, isAzureFailure } from '../lib/errors.ts'
import { runGraph, type Task } from '../lib/graph.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { Provisioned } from './actual.ts'
import type { Call, Cloud, NamespaceRef } from './cloud.ts'
import { type Attempt, type Gate, type Requests, abortAfterGrace, isRejected } from './gate.ts'
import { describe, hubOf, isWrite, type Target } from '../resources/step.ts'
import type { WriteStep, ApplicablePlan } from './plan.ts'
import { awaitGone, awaitNamespace, awaitProvider, type WaitOptions } from './await-state.ts'
import { isMadeAlready, Overtaken, sendWrite } from './send.ts'

const CONCURRENT_STEPS = 8

export interface ApplyOptions {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly gate: Gate
  /** Fires on an interruption or at the deadline: no step starts and no wait continues after it. */
  readonly stop: AbortSignal
  readonly onEvent: (event: ApplyEvent) => void
}

type Outcome = 'not-started' | 'running' | 'done' | 'failed'

/**
 * Carries out the plan, with as many steps at once as dependencies allow. After a failure or an interruption no step
 * starts, and running steps may finish (within 5 seconds after an interruption). The report has every failure of Azure;
 * anything thrown is a bug.
 */
export async function apply(plan: ApplicablePlan, at: NamespaceRef, options: ApplyOptions): Promise<ApplyReport> {
  const { clock, stop, onEvent } = options
  const startedAt = clock.now()
  const steps = plan.steps.filter(isWrite)
  const outcomes = new Map<WriteStep, Outcome>(steps.map((step) => [step, 'not-started']))
  const done: DoneStep[] = []
  const failed: FailedStep[] = []
  let isOvertaken = false
  onEvent({ type: 'planned', steps })
  const inState = (outcome: Outcome) => steps.filter((step) => outcomes.get(step) === outcome)
  const abort = abortAfterGrace(clock, stop, () =>
    onEvent({ type: 'stopping', running: inState('running'), reason: stop.reason }),
  )
  const gate = options.gate.endedBy(abort.signal)

  const runStep = async (step: WriteStep): Promise<boolean> => {
    const stepStartedAt = clock.now()
    const elapsedMs = () => clock.now() - stepStartedAt
    const onState = (state: string) => onEvent({ type: 'waiting', step, state, elapsedMs: elapsedMs() })
    let retryReason: Failure | undefined
    let isSent = false
    // An answer was lost, so Azure may have accepted the step.
    let isLost = false
    const attempt: Attempt = {
      kind: step.action === 'delete' ? 'deletes' : 'writes',
      parentExists: step.target.kind !== 'group' && step.action !== 'delete',
      isTemporary: mayBeNewPrincipal,
      onWait: (error) => {
        isLost ||= isSent && !isRejected(error)
        outcomes.set(step, isLost ? 'running' : 'not-started')
        retryReason = error
        onState(waitStateOf(error))
      },
    }
    onEvent({ type: 'started', step })
    try {
      await gate.run(async (call) => {
        isSent = false
        const isThere = await isMadeAlready(options.cloud, at, step, call)
        if (isThere && !isLost) throw new Overtaken()
        outcomes.set(step, 'running')
        retryReason = undefined
        isSent = true
        if (!isThere) await sendWrite(options.cloud, at, step, call)
      }, attempt)
      await awaitEnd(step, at, options.cloud, gate, { clock, stop, onState })
    } catch (thrown) {
      if (thrown instanceof Overtaken) {
        outcomes.set(step, 'not-started')
        isOvertaken = true
        onEvent({ type: 'overtaken', step })
        return false
      }
      const interrupted = isInterruption(thrown, stop)
      // At the timeout, a step that Azure kept rejecting counts as failed, so that the report has the reason.
      const error = interrupted ? (isTimeout(stop) ? retryReason : undefined) : thrown
      if (interrupted && !error) return false
      if (!isAzureFailure(error)) throw error
      outcomes.set(step, 'failed')
      failed.push({ step, error })
      onEvent({ type: 'failed', step, elapsedMs: elapsedMs() })
      return false
    }
    outcomes.set(step, 'done')
    done.push({ step, elapsedMs: elapsedMs() })
    onEvent({ type: 'finished', step, elapsedMs: elapsedMs() })
    return true
  }

  try {
    await runGraph(tasksOf(steps, runStep), CONCURRENT_STEPS, () => stop.aborted)
  } finally {
    abort.dispose()
  }
  return {
    done,
    failed,
    leftRunning: inState('running'),
    notStarted: inState('not-started'),
    isOvertaken,
    elapsedMs: clock.now() - startedAt,
  }
}

const waitStateOf = (error: Failure): string =>
  isUnknownPrincipal(error) ? 'unknown principal' : error.azure?.status === 429 ? 'throttled' : 'retrying'

/** Waits for operations that Azure accepts before they are finished. */
async function awaitEnd(
  { action, target }: WriteStep,
  at: NamespaceRef,
  cloud: Cloud,
  gate: Requests,
  options: WaitOptions,
): Promise<void> {
  if (target.kind === 'provider') return awaitProvider(cloud, gate, options)
  if (target.kind === 'namespace' && action !== 'delete') return awaitNamespace(cloud, gate, at, options)
  if (action !== 'delete') return
  const gone = (read: (call: Call) => Promise<Provisioned | undefined>) =>
    awaitGone(describe(target), () => gate.run(read), options)
  if (target.kind === 'namespace') await gone((call) => cloud.readNamespace(at, call))
  if (target.kind === 'group') await gone((call) => cloud.readGroup(at.group, call))
}

const isInterruption = (error: unknown, stop: AbortSignal): boolean =>
  stop.aborted &&
  (error instanceof Interruption || error === stop.reason || (error instanceof Error && error.name === 'AbortError'))
const isTimeout = ({ reason }: AbortSignal): boolean => reason instanceof Interruption && reason.kind === 'timeout'

/** Containers are created first: group and provider, then namespace, then hub. Deletions run the other way round. */
function tasksOf(steps: readonly WriteStep[], run: (step: WriteStep) => Promise<boolean>): readonly Task[] {
  const indexOfTarget = new Map(steps.map(({ target }, index) => [keyOf(target), index]))
  const after = steps.map((): number[] => [])
  for (const [inner, { target }] of steps.entries()) {
    for (const container of containersOf(target)) {
      const outer = indexOfTarget.get(container)
      if (outer === undefined) continue
      if (steps[outer]!.action === 'delete') after[outer]!.push(inner)
      else after[inner]!.push(outer)
    }
  }
  return steps.map((step, index) => ({ after: after[index]!, run: () => run(step) }))
}

const hubKey = (name: string): string => `hub ${nameKeyOf(name)}`

/** A plan has one group, one namespace and one set of network rules, so among containers only hubs need their name. */
const keyOf = (target: Target): string => (target.kind === 'hub' ? hubKey(target.name) : target.kind)

function containersOf(target: Target): readonly string[] {
  if (target.kind === 'provider' || target.kind === 'group') return []
  if (target.kind === 'namespace') return ['provider', 'group']
  const hub = hubOf(target)
  return ['provider', 'group', 'namespace', ...(hub === undefined ? [] : [hubKey(hub)])]
}

/** A bit longer than Microsoft Entra usually needs to replicate a new principal. */
const NEW_PRINCIPAL_MS = 3 * 60_000

/** A principal that Microsoft Entra does not know, or not yet. */
export const isUnknownPrincipal = ({ azure }: Failure): boolean => azure?.code === 'PrincipalNotFound'

/**
 * A new principal becomes visible within minutes, a wrong id never does.
 * https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
 */
const mayBeNewPrincipal = (error: Failure, waitedMs: number): boolean =>
  isUnknownPrincipal(error) && waitedMs < NEW_PRINCIPAL_MS

/** The result of applying a plan. Every write step is in exactly one list. */
export interface ApplyReport {
  readonly done: readonly DoneStep[]
  readonly failed: readonly FailedStep[]
  /** Sent, but not finished when the run ended. Azure continues them. */
  readonly leftRunning: readonly WriteStep[]
  readonly notStarted: readonly WriteStep[]
  /** Another run has made the namespace meanwhile: plan again. */
  readonly isOvertaken: boolean
  readonly elapsedMs: number
}

export interface DoneStep {
  readonly step: WriteStep
  readonly elapsedMs: number
}

export interface FailedStep {
  readonly step: WriteStep
  readonly error: Failure
}

/** Progress of applying a plan. */
export type ApplyEvent =
  /** The first event, with all steps. */
  | { readonly type: 'planned'; readonly steps: readonly WriteStep[] }
  | { readonly type: 'started'; readonly step: WriteStep }
  /** `state`: `Creating` while Azure works on it, or the reason of a retry, such as `throttled`. */
  | { readonly type: 'waiting'; readonly step: WriteStep; readonly state: string; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly step: WriteStep; readonly elapsedMs: number }
  | { readonly type: 'failed'; readonly step: WriteStep; readonly elapsedMs: number }
  /** Another run has made it meanwhile. */
  | { readonly type: 'overtaken'; readonly step: WriteStep }
  /** After an interruption: no step starts. `running` are the steps already sent. */
  | { readonly type: 'stopping'; readonly running: readonly WriteStep[]; readonly reason: unknown }

/** Shows progress. */
export interface Reporter {
  event(event: ApplyEvent): void
  /** A wait outside of the plan: `namespace ns (Creating)`. */
  waiting(text: string, elapsedMs: number): void
  /** Restores the terminal. */
  close(): void
}
