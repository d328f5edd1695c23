import type { SasConnection, Stage } from '../engine/rotation.ts'
import type { Canvas } from './style.ts'
import { paragraph, plain } from './text.ts'

/** `access rule clicks/ml-ingest-send`, `access rule RootManageSharedAccessKey of namespace ns-demo`. */
export const ruleWords = ({ hub, namespace, sign: { rule, scope } }: SasConnection): string =>
  scope === 'hub' ? `access rule ${hub}/${rule}` : `access rule ${rule} of namespace ${namespace}`

const BEFORE: Readonly<Record<Stage, string>> = {
  '1': 'Stage 1 renews the secondary key. Whoever uses it is cut off; strings with the primary key go on.',
  '2': 'Stage 2 renews the primary key. Whoever still uses it is cut off; strings with the secondary key go on. Azure does not tell who uses which, nor whether stage 1 came before.',
}

/** What is about to happen. */
export function renderRotationStart(
  connection: SasConnection,
  stage: Stage,
  place: string,
  { style, width }: Canvas,
): string {
  const title = `Renew a key of ${plain(ruleWords(connection))} in ${plain(place)}`
  return [
    ...paragraph(title, width).map((line) => style.paint('strong', line)),
    ...paragraph(BEFORE[stage], width),
  ].join('\n')
}

const AFTER: Readonly<Record<Stage, readonly [done: string, then: string]>> = {
  '1': [
    'The secondary key is new.',
    'Switch every reader and writer to the string above, which has it. The primary key works until stage 2.',
  ],
  '2': [
    'The primary key is new; the old one is of no use any more.',
    'Switch readers and writers back to the string above, which has it, at leisure: the secondary key works until the next rotation, which begins with it.',
  ],
}

/** What holds now, and what comes next. */
export function renderRotated(stage: Stage, next: string | undefined, { style, width }: Canvas): string {
  const [done, then] = AFTER[stage]
  return [
    `${style.paint('good', style.glyphs.done)} ${done}`,
    ...paragraph(then, width),
    ...(next === undefined ? [] : ['', '  Then:', `  ${next}`]),
  ].join('\n')
}
