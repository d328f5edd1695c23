import type { ApplicablePlan } from '../engine/plan.ts'
import type { TargetCommand } from '../prompt/ask-target.ts'
import type { AskOptions } from '../prompt/talk.ts'
import type { InputProblem } from '../inputs/given.ts'
import type { Format } from '../inputs/run.ts'
import type { Io } from '../ui/io.ts'
import { canvasOf } from '../ui/style.ts'
import { paragraph, row } from '../ui/text.ts'
import type { Connected } from './connect.ts'
import type { Session } from './session.ts'
import type { Answered, Settled } from './settle.ts'

type Ask = (connected: Connected, problems: readonly InputProblem[]) => Promise<Answered>

/** Asks for all that `create` wants to know and nobody said. */
export const askCreate =
  (session: Session): Ask =>
  async (connected, problems) => {
    const { askForCreate } = await import('../prompt/wizard.ts')
    return askForCreate(await askOptions(session, connected, problems))
  }

/** Asks which namespace and hub are meant, where it is not said and there are several. */
export const askTarget =
  (session: Session, command: TargetCommand): Ask =>
  async (connected, problems) => {
    const { askForTarget } = await import('../prompt/ask-target.ts')
    return askForTarget(command, await askOptions(session, connected, problems))
  }

/** Whether a person agrees to the plan. */
export async function confirm(session: Session, settled: Settled, planned: ApplicablePlan): Promise<boolean> {
  const { confirmPlan } = await import('../prompt/confirm-plan.ts')
  return confirmPlan(await prompterOf(session), planned, settled.spec.resourceGroup)
}

/** Whether a person agrees to the deletion. */
export async function confirmDeletion(
  session: Session,
  planned: ApplicablePlan,
  name: { readonly namespace: string; readonly isNamed: boolean },
): Promise<boolean> {
  const prompt = await import('../prompt/confirm-deletion.ts')
  const steps = planned.steps.filter((step) => step.action === 'delete')
  // Above the question: what is typed stands right behind what has to be typed.
  if (!name.isNamed) faintly(session.io, 'Ctrl+C leaves everything as it is.')
  return prompt.confirmDeletion(await prompterOf(session), steps, name)
}

/** A plain question, where nothing is done unless a person says yes. */
export async function agrees(
  session: Session,
  question: { readonly message: string; readonly context: string },
): Promise<boolean> {
  return (await prompterOf(session)).confirm({ ...question, default: false })
}

/** How the file of `--output` shall hold a string that is made for it. */
export async function askFormat(session: Session): Promise<Format> {
  const prompt = await import('../prompt/ask-format.ts')
  return prompt.askFormat(await prompterOf(session))
}

async function askOptions(
  session: Session,
  connected: Connected,
  problems: readonly InputProblem[],
): Promise<AskOptions> {
  const { io, inputs, deps, stop } = session
  return {
    inputs,
    problems,
    prompter: await prompterOf(session),
    catalog: connected.catalog,
    cloudFor: connected.cloudFor,
    row: (label, value) => io.note(row(label, value, io.width).join('\n')),
    note: (text) => faintly(io, text),
    local: inputs.local?.value ?? false,
    clock: deps.clock,
    signal: stop,
  }
}

const faintly = (io: Io, text: string): void =>
  io.note(canvasOf(io, 'stderr').style.paint('faint', paragraph(text, io.width).join('\n')))

async function prompterOf({ io, stop }: Session) {
  const { inquirerPrompter } = await import('../prompt/inquirer-prompter.ts')
  return inquirerPrompter(io, stop)
}
