import { INPUTS, longFlagOf } from '../../inputs/table.ts'
import type { LoadAnswer } from '../../resources/load/answer.ts'
import type { ChosenValue } from '../../resources/load/chosen.ts'
import type { Cost } from '../../sizing/cost.ts'
import type { Size } from '../../sizing/size.ts'
import { type CostSpeller, costRows, leftOut, missingOf, rangeOf, sourceOf, totalOf } from '../render-cost.ts'
import { type Canvas, count, paragraph, plain } from '../text.ts'
import type { NeighbourCost, SizeView } from './document.ts'
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
  valueWords,
  verdictOf,
} from './words.ts'

/** The answer of `size` for people. Ends without a line break. */
export function renderSize(view: SizeView, canvas: Canvas, { debug = false } = {}): string {
  const { answer, making } = view
  const { style, width } = canvas
  const strong = (text: string): string => style.paint('strong', text)
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', strong(title), ...lines]
  return [
    ...paragraph(`Size for ${loadWords(answer)}`, width, 0).map(strong),
    ...paragraph(verdictOf(answer), width).map((line) => (answer.carried ? line : style.paint('bad', line))),
    ...useTables(answer, canvas),
    ...section('Choice', choiceLines(answer, width)),
    ...section('Assumed, because nobody said it', grid(assumptionRows(view), width)),
    ...section(
      answer.carried ? 'What would change it' : 'What would change what carries it',
      grid(variantRows(answer), width),
    ),
    ...section('Cost a month', costLines(view, width)),
    ...section(
      'What the numbers cannot promise',
      answer.notPromised.flatMap(({ text }) => bullet(text, width)),
    ),
    ...(debug ? section('Rules of Azure', ruleLines(answer, width)) : []),
    ...section(
      'To make what carries it, change in the manifest',
      making.changes.map((change) => `  ${plain(change)}`),
    ),
    ...(making.command === null ? [] : ['', strong(titleOfCommand(answer)), `  ${making.command}`]),
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

const assumptionRows = ({ answer, assumedRegion, costs }: SizeView): readonly Row[] => [
  ...assumptionsOf(answer).map(({ of, words }): Row => [longFlagOf(INPUTS[ASSUMPTIONS[of].input]), words]),
  ...(assumedRegion === undefined || !costs.some(({ cost }) => cost)
    ? []
    : [[longFlagOf(INPUTS.location), `prices of ${assumedRegion}`] as const]),
]

const variantRows = ({ variants, carrier, hubs }: LoadAnswer): readonly Row[] =>
  carrier ? variants.map((variant) => [changeWords(variant), outcomeWords(variant, carrier, { hubs })]) : []

/** What the choice and its neighbours cost, the parts of the choice, and where the prices come from. */
function costLines({ costs, speller }: SizeView, width: number): readonly string[] {
  const known = costs.find(({ cost }) => cost)?.cost
  const choice = costs.find(({ isChoice }) => isChoice)
  const parts = choice?.cost ? costRows(choice.cost) : []
  return [
    ...grid(
      costs.map((one) => [
        [one.tier, ...(one.size ? [shortUnits(one.size)] : []), ...(one.capture ? ['Capture'] : [])].join(', '),
        costText(one),
      ]),
      width,
    ),
    ...(parts.length > 2 ? ['', `  ${choice!.tier} in parts`, ...grid(parts.map(partRow), width)] : []),
    ...(known ? paragraph(sourceWords(known, speller), width) : []),
  ]
}

function costText({ size, cost, obstacles, doubt, lacks, isChoice }: NeighbourCost): string {
  if (!size) return `not possible: ${obstacles.join('; ')}`
  return [
    cost ? totalOf(cost) : 'unknown',
    ...(doubt === undefined ? [] : [`may carry too little: ${doubt}`]),
    ...(lacks.length > 0 && !isChoice ? [`it has no ${lacks.join(', no ')}`] : []),
  ].join('; ')
}

/** `10 to 20 units`, so that a line has room for what they cost. */
const shortUnits = ({ capacity, autoInflateMax }: Size): string =>
  autoInflateMax > capacity ? `${capacity} to ${autoInflateMax} units` : count(capacity, 'unit')

const partRow = ([what, monthly, ceiling]: ReturnType<typeof costRows>[number]): Row => [
  what,
  rangeOf(monthly, ceiling),
]

const sourceWords = (cost: Cost, speller: CostSpeller): string =>
  [
    `This is the ${sourceOf(cost)}, ${leftOut()}.`,
    ...(cost.insteadOf ? [`Note: ${missingOf(cost.insteadOf, cost, speller)}.`] : []),
  ].join(' ')

/** The pages and what they say. A link is not broken. */
function ruleLines(answer: LoadAnswer, width: number): readonly string[] {
  const rules = rulesOf(answer)
  const links = [...new Set(rules.map(({ link }) => link))]
  return links.flatMap((link) => {
    const all = rules.filter((rule) => rule.link === link)
    const texts = all.flatMap(({ text }) => (text === undefined ? [] : paragraph(text, width, 4)))
    const asOf = all.find((one) => one.asOf !== undefined)?.asOf
    return [...paragraph(`${link}${asOf === undefined ? '' : ` (${asOf})`}`, width), ...texts]
  })
}
