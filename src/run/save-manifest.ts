import { basename, resolve } from 'node:path'
import type { Actual } from '../engine/actual.ts'
import { invalid, said, type Given, type GivenValue } from '../inputs/given.ts'
import { input } from '../inputs/refer.ts'
import { INPUTS } from '../inputs/table.ts'
import { Failure, type Problem } from '../lib/errors.ts'
import { sameName } from '../lib/names.ts'
import { listOf, say, type Text } from '../lib/phrase.ts'
import { holdsSecret } from '../lib/secret.ts'
import { findManifestFile, writeManifestFile } from '../manifest/manifest-file.ts'
import { savedFrontDoor, judge, SAVED_KEYS, type Wanted } from '../resources/front-door.ts'
import { grantsIn } from '../resources/grant.ts'
import { hubsOf } from '../resources/hub/hub.ts'
import { savedLoads } from '../resources/load/sized.ts'
import { tellProblem } from '../ui/problems.ts'
import { spelled } from '../ui/told.ts'
import { leavesOf, nameOf } from '../wanted/node.ts'
import { type Deps, spellerFor, withGiven, type Invocation } from './invocation.ts'
import type { Run } from './run.ts'
import type { Settled } from './settle.ts'

/** `--save` without a name means the manifest of the run. */
const savePathOf = ({ given: { save }, manifest }: Invocation): string =>
  (save?.texts.length === 0 ? manifest?.file : undefined) ?? save?.value ?? ''

/** Problems that would prevent saving, found before anything is sent. */
export async function saveProblems(invocation: Invocation, { cwd }: Pick<Deps, 'cwd'>): Promise<readonly Problem[]> {
  const { given, problems } = invocation
  if (!given.save) return []
  const name = savePathOf(invocation)
  const file = await findManifestFile(resolve(cwd, name))
  if (typeof file === 'string') return [invalid('save', given.save, file, name), ...secretProblems(invocation)]
  // An unreadable manifest of the run is a problem already.
  const isTold = problems.some(({ input, origin }) => origin?.kind === 'file' || input === 'file' || input === 'env')
  if (file.text === undefined || isTold) return secretProblems(invocation)
  const { editProblems } = await import('../manifest/write-manifest.ts')
  return [...editProblems(file.text, basename(name), given), ...secretProblems(invocation)]
}

/** Everybody who can read the repository can read a manifest, so it may contain no keys. */
function secretProblems({ given, wanted }: Invocation): readonly Problem[] {
  const typed = SAVED_KEYS.filter((key) => (given[key] as GivenValue<unknown> | undefined)?.texts.some(holdsSecret))
  const inFile = leavesOf(wanted).filter(({ origin, text }) => origin.kind === 'file' && holdsSecret(text))
  return [
    ...typed.map((key) =>
      invalid('save', undefined, `would write a ${INPUTS[key].label} that looks like it holds a key`),
    ),
    ...inFile.map(({ origin }): Problem => ({
      kind: 'invalid',
      input: 'save',
      origin,
      message: 'would be written, and looks like it holds a key',
    })),
  ]
}

/** Writes the state after the run to the file of `--save`, and shows how to repeat the run from it. */
export async function saveManifest({ streams: { io }, deps }: Run, settled: Settled, actual: Actual): Promise<void> {
  const { invocation, spec } = settled
  const { given, wanted } = invocation
  const name = savePathOf(invocation)
  const file = await findManifestFile(resolve(deps.cwd, name))
  if (typeof file === 'string') throw unwritable(name, [`It ${file}.`])
  const { editProblems, writeManifest } = await import('../manifest/write-manifest.ts')
  const problems = file.text === undefined ? [] : editProblems(file.text, basename(name), given)
  const reasons = problems.map((problem) => `${wordsOf(problem, invocation)}.`)
  if (reasons.length > 0) throw unwritable(name, reasons)
  const made = savedFrontDoor(spec, actual)
  const { loads, notSaved: loadNotSaved } = savedLoads(wanted, made.namespace.tier)
  const text = writeManifest({
    ...{ frontDoor: made, before: file.text, environment: given.env?.value },
    ...{ grantsForAll: grantsIn(wanted.grants), loads },
    subscription: given.local?.value
      ? undefined
      : { id: spec.subscriptionId, words: wanted.subscription?.text || spec.subscriptionId },
  })
  const saved = await readBack(settled, name, text)
  try {
    await writeManifestFile(file, text)
  } catch (error) {
    throw unwritable(name, [`${(error as Error).message}.`], error)
  }
  io.note(`\n  Saved to ${name}. To repeat without questions:\n  ${repeatOf(settled, name, saved)}`)
  const speller = spellerFor(invocation)
  const notSaved = [...made.notSaved, ...loadNotSaved, ...hubsNotSaved(actual, saved)].map(
    (one) => `  Not saved: ${spelled(one, speller)}`,
  )
  if (notSaved.length > 0) io.note(`\n${notSaved.join('\n')}`)
}

function wordsOf(problem: Problem, invocation: Invocation): string {
  const { flag, message } = tellProblem(problem, spellerFor(invocation))
  return `${flag} ${message}`
}

/** The hubs of the namespace that the file does not have, because no run with this file has named them. */
function hubsNotSaved({ hubs }: Actual, saved: Wanted): readonly Text[] {
  const inFile = hubsOf(saved).map(nameOf)
  const others = hubs.map(({ name }) => name).filter((name) => !inFile.some((one) => sameName(one, name)))
  if (others.length === 0) return []
  const [noun, them] = others.length === 1 ? ['hub', 'it'] : ['hubs', 'them']
  return [say`${noun} ${listOf(others)}: name ${them} with ${input('hub')}`]
}

/** Reads the new text as the next run would. Throws if that run would fail. */
async function readBack({ invocation, spec }: Settled, name: string, text: string): Promise<Wanted> {
  const { given } = invocation
  const { readManifest } = await import('../manifest/read-manifest.ts')
  const { wantedIn } = await import('../manifest/environments.ts')
  const wouldSay = (problem: Problem): string => `The new file would not be valid: ${wordsOf(problem, invocation)}.`
  const { root, problems } = readManifest(text, basename(name))
  if (!root || problems.length > 0) throw unwritable(name, problems.map(wouldSay))
  const saved = wantedIn(root, given.env?.value)
  const judged = judge(saved, { subscriptionId: spec.subscriptionId })
  if (!judged.ok) throw unwritable(name, judged.problems.map(wouldSay))
  return saved
}

/** The command that repeats this run from the file. It names the hubs if the file has more. */
function repeatOf({ invocation }: Settled, name: string, saved: Wanted): string {
  const hubs = (invocation.wanted.hubs?.items ?? []).flatMap((hub) => hub.name?.value ?? [])
  const isWhole = (saved.hubs?.items ?? []).every(
    (hub) => hubs.length === 0 || hubs.some((one) => sameName(one, hub.name?.value ?? '')),
  )
  const isSaved = (key: string): boolean => (SAVED_KEYS as readonly string[]).includes(key)
  const named = hubs.map((hub) => ({ name: hub }))
  const repeated: Given = {
    ...Object.fromEntries(Object.entries(invocation.given).filter(([key]) => !isSaved(key))),
    file: said(name, name),
    ...(isWhole ? {} : { hub: said(named, ...hubs) }),
  }
  return spellerFor(withGiven(invocation, repeated)).command({ yes: true }, 'create')
}

const unwritable = (name: string, why: readonly Text[], cause?: unknown): Failure =>
  new Failure({
    code: 'failed',
    message: `Can't save to ${name}`,
    why: [...why, 'All changes in Azure are done.'],
    hint: 'Name another file with --save and run the same command again: it finds nothing left to make.',
    cause,
  })
