import type { StepOutcome, Verification, VerifyStep } from '../engine/connection.ts'
import { Interruption, type Failure } from '../lib/errors.ts'
import { formatElapsed } from '../lib/duration.ts'
import type { VerifyDocument } from './document-schema.ts'
import { viewOf, type About } from './error-view.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { errorOfLoad, loadEntry } from './render-load.ts'
import { type Canvas, type Tone, pad, paragraph, plain, wrap } from './text.ts'

const LABELS: Readonly<Record<VerifyStep, string>> = {
  'resource-manager': 'Resource Manager',
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  'sign-in': 'Sign-in',
  hub: 'Hub',
  send: 'Send',
  read: 'Read back',
}
const TONES: Readonly<Record<StepOutcome['state'], Tone>> = { passed: 'good', failed: 'bad', skipped: 'faint' }

const WORD = 9
const LABEL = 18
const ELAPSED = 7
const LEAST_TABLE = 70

/** The result of one step: `✓ passed   DNS   0.1s   ns.servicebus.windows.net is 20.1.2.3`. */
export function renderStep(outcome: StepOutcome, { style, width }: Canvas): string {
  const { state, step, elapsedMs } = outcome
  const sign = state === 'skipped' ? '-' : state === 'passed' ? style.glyphs.done : style.glyphs.failed
  const head = `${pad(sign, style.glyphs.done.length)} ${pad(state, WORD)}`
  const label = pad(LABELS[step], LABEL)
  const elapsed = pad(state === 'skipped' ? '' : formatElapsed(elapsedMs), ELAPSED)
  const indent = style.glyphs.done.length + 1 + WORD + LABEL + ELAPSED
  const start = `${style.paint(TONES[state], head)}${label}${elapsed}`
  const detail = plain(outcome.detail)
  if (width < LEAST_TABLE) return [start.trimEnd(), ...paragraph(detail, width, 4)].join('\n')
  const [first = '', ...rest] = wrap(detail, width - indent)
  return [`${start}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)].join('\n')
}

/** The last line for a hub that did not fail. */
export function renderVerified({ hub, steps }: Verification, elapsedMs: number, width: number): string {
  const left = steps.filter(({ step, state }) => state === 'skipped' && (step === 'send' || step === 'read'))
  const words = { send: 'sending', read: 'reading' } as const
  const not = left.map(({ step }) => words[step as 'send' | 'read']).join(' and ')
  const what = not === '' ? `hub ${hub} accepts an event and returns it` : `hub ${hub}, except ${not}`
  return ['', ...paragraph(`Verified: ${what}. (${formatElapsed(elapsedMs)})`, width)].join('\n')
}

const resultOf = (failure: Failure | undefined): VerifyDocument['result'] =>
  !failure ? 'ok' : failure.cause instanceof Interruption ? 'cancelled' : 'failed'

/** The document of `verify`. Its `error` is that of the first hub that failed. */
export function verifyDocument({
  target,
  verifications,
  about,
}: Pick<VerifyDocument, 'target'> & {
  readonly verifications: readonly Verification[]
  readonly about: About
}): VerifyDocument {
  const errors = verifications.flatMap(({ steps, load }) => [...steps.map(({ error }) => error), errorOfLoad(load)])
  const failure = errors.find((error) => error !== undefined)
  return {
    ...{ schemaVersion: 1, command: 'verify', result: resultOf(failure) },
    exitCode: failure ? exitCodeOf(failure) : EXIT.ok,
    target,
    verifications: verifications.map(({ steps, load, ...one }) => ({
      ...one,
      load: load ? loadEntry(load) : null,
      steps: steps.map(({ step, state, elapsedMs, detail, reason = null }) => ({
        ...{ step, state, elapsedMs, detail },
        reason,
      })),
    })),
    error: failure ? viewOf(failure, about) : null,
  }
}
