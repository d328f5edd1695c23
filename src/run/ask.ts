import type { ApplicablePlan } from '../engine/plan.ts'
import type { TargetCommand } from '../prompt/ask-target.ts'
import type { Answered } from '../prompt/wizard.ts'
import type { Prompter } from '../prompt/prompter.ts'
import type { AskOptions } from '../prompt/talk.ts'
import type { Given } from '../inputs/given.ts'
import type { Problem } from '../lib/errors.ts'
import type { Format } from '../inputs/run.ts'
import type { Io } from '../ui/io.ts'
import { canvasOf, paragraph, plain, row } from '../ui/text.ts'
import type { AzureLink, Run, Streams } from './run.ts'
import type { SignedIn } from './sign-in.ts'
import { waitFor } from './wait.ts'

/** The part of a run that a question needs. */
type Person = { readonly streams: Streams; readonly azure: Pick<AzureLink, 'stop' | 'watch'> }
type Ask = (signedIn: SignedIn, problems: readonly Problem[]) => Promise<Answered>

/** Asks for everything that `create` needs and that was not given. */
export const askCreate =
  (run: Run): Ask =>
  async (signedIn, problems) => {
    const { askForCreate } = await import('../prompt/wizard.ts')
    return askForCreate(await askOptions(run, signedIn, problems))
  }

/** Asks for the subscription, group, namespace and hub, if there are several. */
export const askTarget =
  (run: Run, command: TargetCommand): Ask =>
  async (signedIn, problems) => {
    const { askForTarget } = await import('../prompt/ask-target.ts')
    return askForTarget(command, await askOptions(run, signedIn, problems))
  }

/** Asks for the load that nobody said. */
export async function askLoad(run: Run): Promise<Given> {
  const [{ Answers }, { settleLoad }] = await Promise.all([import('../prompt/answers.ts'), import('../prompt/load.ts')])
  const answers = new Answers(run.invocation.given, [])
  await settleLoad({ prompter: await prompterOf(run) }, answers, { isRequired: true })
  return answers.all
}

/** Whether a person agrees to the plan. */
export async function confirm(person: Person, planned: ApplicablePlan, resourceGroup: string): Promise<boolean> {
  const { confirmPlan } = await import('../prompt/confirm.ts')
  person.streams.io.gap()
  return confirmPlan(await prompterOf(person), planned, resourceGroup)
}

/** Whether a person agrees to the deletion. */
export async function confirmDeletion(
  person: Person,
  planned: ApplicablePlan,
  name: { readonly namespace: string; readonly isConfirmed: boolean },
): Promise<boolean> {
  const prompt = await import('../prompt/confirm.ts')
  const steps = planned.steps.filter((step) => step.action === 'delete')
  if (!name.isConfirmed) faintly(person.streams.io, 'Ctrl+C leaves everything as it is.')
  return prompt.confirmDeletion(await prompterOf(person), steps, name)
}

/** Asks a yes/no question with the default no. */
export async function agrees(
  person: Person,
  question: { readonly message: string; readonly context: string },
): Promise<boolean> {
  return (await prompterOf(person)).confirm({ ...question, default: false })
}

/** Asks for the format of the file of `--output`. */
export async function askFormat(person: Person): Promise<Format> {
  const prompt = await import('../prompt/confirm.ts')
  return prompt.askFormat(await prompterOf(person))
}

async function askOptions(run: Run, signedIn: SignedIn, problems: readonly Problem[]): Promise<AskOptions> {
  const { invocation, streams, azure } = run
  const { given } = invocation
  const { io } = streams
  return {
    ...{ given, problems },
    prompter: await prompterOf(run),
    gate: azure.gate,
    catalog: signedIn.catalog,
    cloudFor: signedIn.cloudFor,
    row: (label, value) => {
      if (!isAnswered(run, label)) io.note(row(label, plain(value), io.width).join('\n'))
    },
    waiting: (text, work) => waitFor(run, text, work),
    note: (text) => faintly(io, text),
    local: given.local?.value ?? false,
    clock: azure.clock,
    signal: azure.stop,
  }
}

const faintly = (io: Io, text: string): void =>
  io.note(canvasOf(io, 'stderr').style.paint('faint', paragraph(plain(text), io.width).join('\n')))

async function prompterOf({ streams: { io }, azure: { stop, watch } }: Person): Promise<Prompter> {
  const { inquirerPrompter } = await import('../prompt/inquirer-prompter.ts')
  const prompter = inquirerPrompter(io, stop)
  const asked = <T>(answer: Promise<T>): Promise<T> => {
    io.touch()
    return watch.pauseFor(answer)
  }
  return {
    text: (question) => asked(prompter.text(question)),
    select: (question) => asked(prompter.select(question)),
    search: (question) => asked(prompter.search(question)),
    confirm: (question) => asked(prompter.confirm(question)),
  }
}

/** What the rows of a connection name too. */
const IN_CONNECTION = ['Resource group', 'Namespace', 'Hub']

/** Whether the answer of the run is rows that name this value. */
function isAnswered({ invocation: { command, given }, streams: { io } }: Run, label: string): boolean {
  const isText = (given.format?.value ?? 'text') === 'text' && !given.output && !io.json
  return IN_CONNECTION.includes(label) && command.name === 'show-connection' && isText && io.stdout.isTTY === true
}
