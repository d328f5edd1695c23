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
  'Do not run stage 1 again: it would renew the secondary key a second time, and every client that uses the new key would lose access. Continue with stage 2.'

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
    ? 'Stage 1 renews the secondary key. Every client that uses it loses access, including clients that switched to it after an earlier stage 1. Connection strings with the primary key keep working.'
    : `Stage 2 renews the primary key. Every client that still uses it loses access. Connection strings with the secondary key keep working. Azure does not show which client uses which key${isAlone ? ', or whether stage 1 was done' : ''}.`

const DONE: Readonly<Record<Stage, string>> = {
  '1': 'The secondary key is new.',
  '2': 'The primary key is new. The old one no longer works.',
}

/** What to do after a stage. `where` says where the new string is: `the string above`, `the string in FILE`. */
const afterStage = (stage: Stage, where: string): string =>
  stage === '1'
    ? `Switch every reader and writer to ${where}, which has the new key. The primary key works until stage 2. ${STAGE_1_ONCE}`
    : `Switch readers and writers back to ${where}, which has the new key. There is no hurry: the secondary key works until the next rotation, which starts by renewing it.`

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
