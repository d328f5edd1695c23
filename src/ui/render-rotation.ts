import { KEY_OF_STAGE, type SasConnection, type Stage } from '../engine/rotation.ts'
import { connectionEntries } from './connection/formats.ts'
import type { RotationDocument } from './document-schema.ts'
import { EXIT } from './exit.ts'
import { type Canvas, paragraph, plain } from './text.ts'

/** `access rule clicks/ml-ingest-send`, `access rule RootManageSharedAccessKey of namespace ns-demo`. */
export const ruleWords = ({ hub, namespace, sign: { rule, scope } }: SasConnection): string =>
  scope === 'hub' ? `access rule ${hub}/${rule}` : `access rule ${rule} of namespace ${namespace}`

/** Azure cannot tell whether stage 1 was done, so the program cannot refuse to repeat it. This text warns of it. */
export const STAGE_1_ONCE =
  'Do not run stage 1 again: it would renew the secondary key once more, and cut off whoever uses the new one. Go on with stage 2.'

interface StageShown {
  readonly stage: Stage
  /** The run does only this stage. Whether the earlier stage was done is not known. */
  readonly isAlone: boolean
  /** `subscription …`. */
  readonly where: string
}

/** What the stage is about to do. */
export function renderRotationStart(
  connection: SasConnection,
  { stage, isAlone, where }: StageShown,
  { style, width }: Canvas,
): string {
  const title = `Renew a key of ${plain(ruleWords(connection))} in ${plain(where)}`
  return [
    ...paragraph(title, width).map((line) => style.paint('strong', line)),
    ...paragraph(before(stage, isAlone), width),
  ].join('\n')
}

const before = (stage: Stage, isAlone: boolean): string =>
  stage === '1'
    ? 'Stage 1 renews the secondary key. Whoever uses it is cut off, also who moved to it after an earlier stage 1; strings with the primary key go on.'
    : `Stage 2 renews the primary key. Whoever still uses it is cut off; strings with the secondary key go on. Azure does not tell who uses which${isAlone ? ', nor whether stage 1 came before' : ''}.`

const DONE: Readonly<Record<Stage, string>> = {
  '1': 'The secondary key is new.',
  '2': 'The primary key is new; the old one is of no use any more.',
}

/** What to do after a stage. `where` says where the new string is: `the string above`, `the string in FILE`. */
const afterStage = (stage: Stage, where: string): string =>
  stage === '1'
    ? `Switch every reader and writer to ${where}, which has it. The primary key works until stage 2. ${STAGE_1_ONCE}`
    : `Switch readers and writers back to ${where}, which has it, at leisure: the secondary key works until the next rotation, which begins with it.`

/** What changed, and what to do next. `file` is the file that holds the new string, when it was not printed. */
export function renderRotated(
  stage: Stage,
  { next, file }: { readonly next: string | undefined; readonly file: string | undefined },
  { style, width }: Canvas,
): string {
  const [first = '', ...more] = paragraph(DONE[stage], width)
  return [
    `${style.paint('good', style.glyphs.done)} ${first.trimStart()}`,
    ...more,
    ...paragraph(afterStage(stage, file === undefined ? 'the string above' : `the string in ${plain(file)}`), width),
    ...(next === undefined ? [] : ['', '  Then:', `  ${next}`]),
  ].join('\n')
}

/** The document of a finished stage of `rotate-key`. */
export const rotationDocument = ({
  target,
  stage,
  connection,
  next,
  reveal,
}: Pick<RotationDocument, 'target' | 'next'> & {
  readonly stage: Stage
  readonly connection: SasConnection
  readonly reveal: boolean
}): RotationDocument => ({
  ...{ schemaVersion: 1, command: 'rotate-key', result: 'changed', exitCode: EXIT.ok, target },
  stage: stage === '1' ? 1 : 2,
  renewed: KEY_OF_STAGE[stage],
  connections: connectionEntries([connection], { reveal }),
  next,
  note: afterStage(stage, 'the new string'),
  error: null,
})
