import { parseContainer, isStorageName } from './capture.ts'
import { inputsOf, type Input } from './input.ts'
import { bad, EMPTY, ok, wholeNumber, type Parser } from '../lib/parser.ts'
import { parseMs } from '../lib/duration.ts'

/** A container of a storage account. */
export interface ContainerPlace {
  readonly account: string
  readonly container: string
}

/** `stlake/checkpoints`. */
const parseContainerPlace: Parser<ContainerPlace> = (text) => {
  if (text.trim() === '') return EMPTY
  const [account = '', container, ...more] = text.trim().split('/')
  if (container === undefined || more.length > 0)
    return bad('is not ACCOUNT/CONTAINER: the names of a storage account and of a blob container of it')
  if (!isStorageName(account))
    return bad('does not begin with the name of a storage account: 3 to 24 lower-case letters and digits')
  const read = parseContainer(container)
  return read.ok ? ok({ account, container: read.value }) : bad(`has a container that ${read.message}`)
}

const MINUTE_MS = 60_000
const WINDOW_MIN_MS = 5 * MINUTE_MS
const WINDOW_MAX_MS = 24 * 60 * MINUTE_MS

/** Whole minutes, as metrics are. */
const parseWindow: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const ms = parseMs(text)
  if (ms === undefined || ms % MINUTE_MS !== 0) return bad('is not a time in whole minutes, such as 15m or 1h')
  return ms < WINDOW_MIN_MS || ms > WINDOW_MAX_MS ? bad('is out of range: it is 5m to 24h') : ok(ms)
}

const MOST = 1_000_000_000_000

const status = inputsOf('Events', { flagsOnly: true })

/** What `status` reads and judges. */
export const STATUS_INPUTS = {
  window: status.value({
    flags: '--window <time>',
    label: 'time of the metrics',
    help: 'how far back the metrics go: 5m to 24h',
    example: '15m',
    defaultText: '1h',
    parse: parseWindow,
  }),
  checkpoints: status.value({
    flags: '--checkpoints <account/container>',
    label: 'checkpoints',
    help: 'blob container in which readers keep how far they are, to know their lag: ACCOUNT/CONTAINER',
    example: 'stclicks/checkpoints',
    parse: parseContainerPlace,
    format: ({ account, container }) => `${account}/${container}`,
  }),
  maxLag: status.value({
    flags: '--max-lag <events>',
    label: 'most lag',
    help: 'more unread events of one group are too many, see --exit-code',
    example: '10000',
    parse: wholeNumber('a number of events', 0, MOST),
  }),
  maxThrottled: status.value({
    flags: '--max-throttled <requests>',
    label: 'most throttled requests',
    help: 'more throttled requests are too many, see --exit-code',
    example: '0',
    defaultText: '0 with --exit-code',
    parse: wholeNumber('a number of requests', 0, MOST),
  }),
  watch: status.toggle({
    once: true,
    flags: '--watch',
    help: 'read again every few seconds and redraw, until Ctrl-C',
  }),
} satisfies Record<string, Input>
