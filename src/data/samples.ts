import type { SampleName } from '../inputs/events.ts'

/**
 * An endless stream of events of a sample, as JSON. The same seed makes the same events; only their times come from the
 * clock, in milliseconds since the Unix epoch.
 */
export function* sampleEvents(name: SampleName, seed: number, now: () => number): Generator<string> {
  const draw = new Draw(seed)
  for (const event of MAKERS[name](draw)) yield JSON.stringify({ ...event, time: new Date(now()).toISOString() })
}

type Event = Readonly<Record<string, unknown>>
const MAKERS: Readonly<Record<SampleName, (draw: Draw) => Generator<Event>>> = { clicks, iot, transactions }

/** Random draws that a seed repeats: mulberry32. https://github.com/cprosche/mulberry32 */
class Draw {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** 0 up to `n`, without it. */
  whole(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Small numbers far more often than large ones, as of devices of which few send most. */
  skewed(n: number): number {
    return Math.floor(n * this.next() ** 3)
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.whole(choices.length)]!
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Around `mean`, nearly always within three times `spread`: the sum of uniform numbers. */
  around(mean: number, spread: number): number {
    return mean + spread * (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3)
  }

  id(prefix: string): string {
    return `${prefix}-${this.whole(2 ** 32)
      .toString(16)
      .padStart(8, '0')}`
  }
}

const rounded = (n: number, digits: number): number => Number(n.toFixed(digits))
const numbered = (prefix: string, n: number): string => `${prefix}-${String(n).padStart(4, '0')}`

const PAGES = ['/', '/search', '/category/shoes', '/category/books', '/product/17', '/product/42', '/product/99']
const COUNTRIES = ['US', 'US', 'US', 'DE', 'GB', 'FR', 'IN', 'BR']

interface Session {
  readonly userId: string
  readonly sessionId: string
  readonly device: string
  readonly country: string
  page: string
  step: number
}

/** People on a site: each session begins at some page, clicks on, and sometimes ends with a purchase. */
function* clicks(draw: Draw): Generator<Event> {
  const sessions: Session[] = []
  const begin = (): Session => ({
    userId: numbered('user', draw.skewed(2_000)),
    sessionId: draw.id('s'),
    device: draw.of(['mobile', 'mobile', 'desktop', 'tablet']),
    country: draw.of(COUNTRIES),
    page: draw.of(PAGES),
    step: 0,
  })
  for (;;) {
    if (sessions.length < 30) sessions.push(begin())
    const at = draw.whole(sessions.length)
    const session = sessions[at]!
    const referrer = session.step === 0 ? draw.of(['google', 'newsletter', 'direct']) : session.page
    if (session.step > 0) session.page = draw.of(PAGES)
    session.step++
    const isProduct = session.page.startsWith('/product/')
    const type =
      isProduct && draw.chance(0.2) ? 'add_to_cart' : session.step > 3 && draw.chance(0.05) ? 'purchase' : 'view'
    const { step, page, ...who } = session
    yield { type, ...who, page, referrer, step, dwellMs: Math.round(-Math.log(1 - draw.next()) * 8_000) }
    if (type === 'purchase' || draw.chance(0.12)) sessions.splice(at, 1)
  }
}

/** Machines with sensors. Few send most, and about one reading in 200 is an anomaly, labelled as such. */
function* iot(draw: Draw): Generator<Event> {
  const usual = Array.from({ length: 200 }, () => ({
    temperature: draw.around(62, 5),
    vibration: draw.around(2.4, 0.3),
  }))
  for (;;) {
    const device = draw.skewed(usual.length)
    const { temperature, vibration } = usual[device]!
    const anomaly = draw.chance(0.005)
    yield {
      deviceId: numbered('device', device),
      site: ['north', 'south', 'east'][device % 3],
      temperatureC: rounded(draw.around(temperature, 1.2) + (anomaly ? 25 + 10 * draw.next() : 0), 1),
      vibrationMmPerS: rounded(Math.max(0, draw.around(vibration, 0.2)) * (anomaly ? 3 : 1), 2),
      humidityPercent: rounded(draw.around(45, 6), 1),
      batteryPercent: 20 + draw.whole(81),
      anomaly,
    }
  }
}

/** Card payments. About one in 200 is a fraud, labelled as such: more often abroad, without the card, and a high amount. */
function* transactions(draw: Draw): Generator<Event> {
  for (;;) {
    const fraud = draw.chance(0.005)
    const account = draw.skewed(5_000)
    const home = COUNTRIES[account % COUNTRIES.length]!
    const amount = Math.exp(draw.around(fraud ? 5.5 : 3.3, 0.9))
    yield {
      transactionId: draw.id('t'),
      accountId: numbered('account', account),
      merchantId: numbered('merchant', draw.skewed(800)),
      category: draw.of(['grocery', 'fuel', 'travel', 'electronics', 'restaurant', 'online']),
      amount: rounded(amount, 2),
      currency: 'USD',
      country: draw.chance(fraud ? 0.6 : 0.03) ? draw.of(COUNTRIES) : home,
      cardPresent: !draw.chance(fraud ? 0.85 : 0.35),
      fraud,
    }
  }
}
