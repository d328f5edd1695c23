import Type from 'typebox'
import {
  about,
  answer,
  ERROR,
  exitCode,
  list,
  object,
  oneOf,
  orNull,
  part,
  TARGET,
  text,
  whole,
} from '../schema-parts.ts'

const number = (help?: string) => Type.Number(about(help))
const time = (help: string) => text(`${help}, ISO 8601`)
const LOSS = orNull(
  time('When the oldest unread event is dropped'),
  'Null when nothing is unread, or nothing is dropped',
)

const MINUTES = list(number(), 'Each minute of the window, for one second')
const FLOW = part('flow', {
  total: number('In the whole window'),
  meanPerSecond: number(),
  peakPerSecond: number('In the busiest minute'),
  minutes: MINUTES,
})

const NAMESPACE = object({
  ...{ tier: text(), location: text() },
  units: whole('What is there now'),
  maxUnits: whole('What auto-inflate may raise it to; the same as units where it is off'),
  isInflating: Type.Boolean(about('Whether auto-inflate is on.')),
  portal: orNull(text(), 'Its page in the Azure portal; null where there is none'),
  uses: orNull(
    list(
      object({
        of: oneOf(['bytes in', 'events in', 'bytes out', 'events out']),
        meanPerSecond: number(),
        peakPerSecond: number('In the busiest minute'),
        carriesPerSecond: orNull(number(), 'The most that the units carry; null where nothing is published'),
        percent: orNull(number(), 'The busiest minute, of what the units carry'),
        minutes: MINUTES,
      }),
    ),
    'Null when the metrics could not be read',
  ),
  errors: orNull(
    list(
      object({
        kind: oneOf(['throttled', 'server', 'user', 'quota']),
        result: orNull(text(), "Azure's word for it"),
        count: whole('Requests in the window'),
      }),
    ),
    'Null when the metrics could not be read',
  ),
  connections: orNull(object({ last: whole('Now'), most: whole('In the window') })),
  cpuPercent: orNull(number(), 'Of the busiest minute; Azure measures it on Premium only'),
})

const GROUP = part('groupLag', {
  group: text('A consumer group, or the id of a Kafka group'),
  source: orNull(
    oneOf(['checkpoints', 'kafka', 'readers']),
    'What says how far it has read: checkpoint blobs, offsets of Kafka, readers that the embedded Azure knows; null when nothing does',
  ),
  lag: orNull(whole(), 'Events that are kept and not read; null when it is not known'),
  lost: whole('Events that were dropped before they were read'),
  lossAt: LOSS,
  partitions: list(
    object({
      partition: text(),
      nextSequenceNumber: whole('Of the first unread event'),
      lag: whole(),
      lost: whole(),
      lossAt: LOSS,
    }),
    'Those with a position, in order of their number',
  ),
  untouched: list(text(), 'Partitions with events that the source knows nothing of'),
  untouchedEvents: whole('Events that are kept in these'),
  beyond: list(text(), 'Partitions with a position behind their last event: it is of an earlier hub of this name'),
})

const HUB = part('hubStatus', {
  name: text(),
  status: text('Active, or whom the hub keeps out'),
  retentionHours: orNull(number(), 'Null for a compacted hub'),
  partitionCount: whole(),
  traffic: orNull(
    object({ eventsIn: FLOW, eventsOut: FLOW, bytesIn: FLOW, bytesOut: FLOW }),
    'Null when the metrics could not be read',
  ),
  sizeBytes: orNull(number(), 'Of what is kept'),
  throttled: orNull(whole(), 'Requests in the window'),
  partitions: orNull(
    list(
      object({
        partition: text(),
        events: whole('Those that are kept'),
        lastSequenceNumber: whole('-1 before the first event'),
        lastEventAt: orNull(time('When the newest event came')),
      }),
    ),
    'Null when they could not be read',
  ),
  skew: orNull(
    object({
      partition: text(),
      share: number('Of all kept events, 0 to 1'),
      times: number('How many times what it would hold if all held the same'),
    }),
    'The partition that holds most, where the others hold much less; else null',
  ),
  lastEventAt: orNull(time('When the newest event came')),
  groups: list(GROUP),
  capture: orNull(
    object({
      pendingEvents: orNull(whole(), 'Events that wait to be written; of the embedded Azure alone'),
      backlog: orNull(number(), "Azure's metric CaptureBacklog"),
      capturedEvents: orNull(whole(), 'In the window'),
    }),
    'Null when it is not captured',
  ),
})

/** The answer of `status`. */
export const STATUS = answer(
  'status',
  'The answer of status. What may not be read is null in it, and listed under unread. Other errors are printed as a run document',
  {
    ...{ command: Type.Literal('status'), result: Type.Literal('ok') },
    exitCode: exitCode(oneOf([0, 5], '5: --exit-code is given, and a threshold is crossed')),
    target: TARGET,
    readAt: time('When it was read'),
    window: object({ from: time('Begin of the metrics'), to: time('End of the last minute that Azure has measured') }),
    namespace: NAMESPACE,
    hubs: list(HUB),
    advice: orNull(text(), 'The one thing to do; null when there is none'),
    checks: list(
      object({
        of: oneOf(['lag', 'throttled']),
        most: number('What --max-lag or --max-throttled allows'),
        where: orNull(text(), 'The group that is most behind; null for what is of the namespace, or not known'),
        value: orNull(number(), 'Null when it could not be read; that counts as crossed'),
        crossed: Type.Boolean(),
      }),
      'The thresholds of the run',
    ),
    unread: list(
      object({
        what: oneOf(['metrics', 'partitions', 'checkpoints', 'kafka groups', 'age of unread events']),
        hubs: list(text(), 'Of which it could not be read; empty for the whole namespace'),
        error: ERROR,
      }),
      'What could not be read, and why',
    ),
    error: Type.Null(),
  },
)
