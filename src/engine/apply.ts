import type { Clock } from '../lib/clock.ts'
import { type Failure, Interruption, isAzureFailure } from '../lib/errors.ts'
import { runGraph, type Task } from '../lib/graph.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { Call, Cloud, NamespaceRef } from './cloud.ts'
import type { Attempt, Gate, Requests } from './gate.ts'
import { abortAfterGrace, isTurnedAway } from './grace.ts'
import { describe, isWrite, type Target } from '../resources/step.ts'
import type { WriteStep } from './step.ts'
import type { ApplicablePlan } from './plan.ts'
import type { ApplyEvent, ApplyReport, DoneStep, FailedStep } from './report.ts'
import { awaitGone, awaitNamespace, awaitProvider, type WaitOptions } from './await-state.ts'
import { sendWrite } from './send.ts'

const CONCURRENT_STEPS = 8

export interface ApplyOptions {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly gate: Gate
  /** An interruption or the deadline: nothing new starts, nothing is waited for. */
  readonly stop: AbortSignal
  readonly onEvent: (event: ApplyEvent) => void
}

type Outcome = 'not-started' | 'running' | 'done' | 'failed'

/**
 * Does what the plan says, as parallel as dependencies allow. After a failure or an interruption nothing new starts and
 * what was sent is waited for (after an interruption for 5 seconds at most). The report tells of every failure; what is
 * thrown is a bug.
 */
export async function apply(plan: ApplicablePlan, at: NamespaceRef, options: ApplyOptions): Promise<ApplyReport> {
  const { clock, stop, onEvent } = options
  const startedAt = clock.now()
  const steps = plan.steps.filter(isWrite)
  const outcomes = new Map<WriteStep, Outcome>(steps.map((step) => [step, 'not-started']))
  const done: DoneStep[] = []
  const failed: FailedStep[] = []
  onEvent({ type: 'planned', steps })
  const inState = (outcome: Outcome) => steps.filter((step) => outcomes.get(step) === outcome)
  const abort = abortAfterGrace(clock, stop, () => onEvent({ type: 'stopping', running: inState('running') }))
  const gate = options.gate.endedBy(abort.signal)

  const runStep = async (step: WriteStep): Promise<boolean> => {
    const stepStartedAt = clock.now()
    const elapsedMs = () => clock.now() - stepStartedAt
    const onState = (state: string) => onEvent({ type: 'waiting', step, state, elapsedMs: elapsedMs() })
    let putOff: Failure | undefined
    /** What Azure put off until the time was over has failed: the reason is worth more than that it never began. */
    const putOffToTheEnd = () => (isTimeout(stop) ? putOff : undefined)
    const attempt: Attempt = {
      kind: step.action === 'delete' ? 'deletes' : 'writes',
      parentExists: step.target.kind !== 'group' && step.action !== 'delete',
      mayPass: mayShowUpYet,
      onWait: (error) => {
        outcomes.set(step, isTurnedAway(error) ? 'not-started' : 'running')
        putOff = error
        onState(waitStateOf(error))
      },
    }
    onEvent({ type: 'started', step })
    try {
      await gate.run((call) => {
        outcomes.set(step, 'running')
        putOff = undefined
        return sendWrite(options.cloud, at, step, call)
      }, attempt)
      await awaitEnd(step, at, options.cloud, gate, { clock, stop, onState })
    } catch (thrown) {
      const interrupted = isInterruption(thrown, stop)
      const error = interrupted ? putOffToTheEnd() : thrown
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
    elapsedMs: clock.now() - startedAt,
  }
}

const waitStateOf = (error: Failure): string =>
  isUnknownPrincipal(error) ? 'unknown principal' : error.azure?.status === 429 ? 'throttled' : 'retrying'

/** What Azure only accepts is waited for. */
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
  const gone = (read: (call: Call) => Promise<{ readonly provisioningState: string } | undefined>) =>
    awaitGone(describe(target), () => gate.run(read), options)
  if (target.kind === 'namespace') await gone((call) => cloud.readNamespace(at, call))
  if (target.kind === 'group') await gone((call) => cloud.readGroup(at.group, call))
}

const isInterruption = (error: unknown, stop: AbortSignal): boolean =>
  stop.aborted && (error instanceof Interruption || error === stop.reason || isAbort(error))
const isTimeout = ({ reason }: AbortSignal): boolean => reason instanceof Interruption && reason.kind === 'timeout'
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** A step waits for what contains it: group and provider, then namespace, then hub. What is deleted goes the other way. */
function tasksOf(steps: readonly WriteStep[], run: (step: WriteStep) => Promise<boolean>): readonly Task[] {
  const placeOf = new Map(steps.map(({ target }, index) => [keyOf(target), index]))
  const after = steps.map((): number[] => [])
  for (const [inner, { target }] of steps.entries()) {
    for (const container of containersOf(target)) {
      const outer = placeOf.get(container)
      if (outer === undefined) continue
      if (steps[outer]!.action === 'delete') after[outer]!.push(inner)
      else after[inner]!.push(outer)
    }
  }
  return steps.map((step, index) => ({ after: after[index]!, run: () => run(step) }))
}

const hubKey = (name: string): string => `hub ${nameKeyOf(name)}`

/** A plan is about one group and one namespace: of what contains others, only hubs have to be told apart. */
const keyOf = (target: Target): string => (target.kind === 'hub' ? hubKey(target.name) : target.kind)

function containersOf(target: Target): readonly string[] {
  if (target.kind === 'provider' || target.kind === 'group') return []
  if (target.kind === 'namespace') return ['provider', 'group']
  return ['provider', 'group', 'namespace', ...('hub' in target ? [hubKey(target.hub)] : [])]
}

/** Somewhat more than Microsoft Entra usually takes to show a new principal everywhere. */
const PATIENCE_MS = 3 * 60_000

/** Azure does not find whom a role is given to. */
const isUnknownPrincipal = ({ azure }: Failure): boolean => azure?.code === 'PrincipalNotFound'

/**
 * Whether it may be found yet: a principal that was just made shows up within minutes, a wrong id never.
 * https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---assigning-a-role-to-a-new-principal-sometimes-fails
 */
const mayShowUpYet = (error: Failure, waitedMs: number): boolean =>
  isUnknownPrincipal(error) && waitedMs < PATIENCE_MS
