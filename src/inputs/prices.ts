import { oneOf } from '../lib/parser.ts'
import { inputsOf, type Input } from './input.ts'

export const PRICE_SOURCES = ['list', 'live'] as const
export type PriceSource = (typeof PRICE_SOURCES)[number]

/** https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices#supported-currencies */
const CURRENCIES = [
  ...(['USD', 'AUD', 'BRL', 'CAD', 'CHF', 'CNY', 'DKK', 'EUR', 'GBP'] as const),
  ...(['INR', 'JPY', 'KRW', 'NOK', 'NZD', 'RUB', 'SEK', 'TWD'] as const),
] as const
export type Currency = (typeof CURRENCIES)[number]

const output = inputsOf('Output')

/** Which prices a run shows. They change nothing that it does. */
export const PRICE_INPUTS = {
  prices: output.value<PriceSource>({
    once: true,
    flags: '--prices <source>',
    rare: true,
    help: 'where prices come from: the dated list of this version, or live from the public price list of Azure',
    example: 'live',
    choices: PRICE_SOURCES,
    default: 'list',
    parse: oneOf('a source of prices', PRICE_SOURCES),
  }),
  currency: output.value<Currency>({
    once: true,
    flags: '--currency <code>',
    rare: true,
    help: 'currency of prices; those of this version are in US dollars',
    example: 'EUR',
    choices: CURRENCIES,
    default: 'USD',
    parse: oneOf('a currency', CURRENCIES),
  }),
} satisfies Record<string, Input>
