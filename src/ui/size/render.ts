import { INPUTS, longFlagOf } from '../../inputs/table.ts'
import type { LoadAnswer } from '../../resources/load/answer.ts'
import type { ChosenValue } from '../../resources/load/chosen.ts'
import { costInBrief, costOrigin } from '../render-cost.ts'
import { type Canvas, paragraph, plain } from '../text.ts'
import type { SizeView } from './document.ts'
import { bullet, grid, type Row } from './grid.ts'
import { useTables } from './use-table.ts'
import {
  ASSUMPTIONS,
  assumptionsOf,
  changeWords,
  labelOf,
  loadWords,
  outcomeWords,
  rulesOf,
  unitWords,
  valueWords,
  verdictOf,
} from './words.ts'

/** The answer of `size` for people. Ends without a line break. */
export function renderSize(view: SizeView, canvas: Canvas, { debug = false } = {}): string {
  const { answer, command } = view
  const { style, width } = canvas
  const strong = (text: string): string => style.paint('strong', text)
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', strong(title), ...lines]
  return [
    ...paragraph(`Size for ${loadWords(answer)}`, width, 0).map(strong),
    ...paragraph(verdictOf(answer), width).map((line) => (answer.carried ? line : style.paint('bad', line))),
    ...useTables(answer, canvas),
    ...section('Choice', choiceLines(answer, width)),
    ...section('Assumed, because nobody said it', grid(assumptionRows(answer), width)),
    ...section(
      answer.carried ? 'What would change it' : 'What would change what carries it',
      grid(variantRows(answer), width),
    ),
    ...section('Cost a month', costLines(view, width)),
    ...section(
      'What the numbers cannot promise',
      answer.notPromised.flatMap(({ text }) => bullet(text, width)),
    ),
    ...section('Rules of Azure', ruleLines(answer, width, debug)),
    ...(command === null ? [] : ['', strong(titleOfCommand(answer)), `  ${command}`]),
  ].join('\n')
}

const titleOfCommand = ({ carried, remedy }: LoadAnswer): string =>
  carried ? 'To make it' : remedy === 'largest' ? 'To try it' : 'To make what carries it'

/** The values of the namespace, then those of each hub. */
function choiceLines(answer: LoadAnswer, width: number): readonly string[] {
  const { values, hubs } = answer
  const rowOf = (one: ChosenValue): Row => [labelOf(one), plain(valueWords(one, answer)), one.reason]
  if (hubs.length === 1) return grid(values.map(rowOf), width)
  const rowsOf = (name: string | undefined): readonly Row[] => values.filter(({ hub }) => hub === name).map(rowOf)
  const ofHubs = hubs.flatMap(({ name }): readonly Row[] => [[`Hub ${plain(name)}`, '', ''], ...rowsOf(name)])
  return grid([...rowsOf(undefined), ...ofHubs], width)
}

const assumptionRows = (answer: LoadAnswer): readonly Row[] =>
  assumptionsOf(answer).map(({ of, words }) => [longFlagOf(INPUTS[ASSUMPTIONS[of].input]), words])

const variantRows = ({ variants, carrier }: LoadAnswer): readonly Row[] =>
  carrier ? variants.map((variant) => [changeWords(variant), outcomeWords(variant, carrier)]) : []

function costLines({ costs, speller }: SizeView, width: number): readonly string[] {
  const known = costs.flatMap(({ cost }) => cost ?? [])
  const last = known.find(({ withCapture }) => withCapture) ?? known[0]
  const rows = grid(
    costs.map(({ tier, capture, size, cost, obstacles, lacks }) => [
      [tier, ...(size ? [unitWords(size)] : []), ...(capture ? ['Capture'] : [])].join(', '),
      obstacles.length > 0
        ? `not possible: ${obstacles.join('; ')}`
        : [costInBrief(cost, tier), ...(lacks.length > 0 ? [`without ${lacks.join(', ')}`] : [])].join('; '),
    ]),
    width,
  )
  return [...rows, ...(last ? costOrigin(last, speller).flatMap((line) => paragraph(line, width)) : [])]
}

/** The pages, and with `--debug` what they say. */
function ruleLines(answer: LoadAnswer, width: number, debug: boolean): readonly string[] {
  const rules = rulesOf(answer)
  const links = [...new Set(rules.map(({ link }) => link))]
  return links.flatMap((link) => {
    const all = rules.filter((rule) => rule.link === link)
    const texts = debug ? all.flatMap(({ text }) => (text === undefined ? [] : paragraph(text, width, 4))) : []
    const asOf = all.find((one) => one.asOf !== undefined)?.asOf
    return [`  ${link}${asOf === undefined ? '' : ` (${asOf})`}`, ...texts]
  })
}
