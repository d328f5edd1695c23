import { expect } from 'vitest'
import { PYTHON, pythonModule } from '../../amqp/support/referee.ts'
import { printedBy, scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

const VERSIONS =
  'import confluent_kafka as c; print(f"confluent-kafka {c.version()[0]} on librdkafka {c.libversion()[0]}")'

clientSuite({
  name: printedBy(PYTHON, '-c', VERSIONS),
  needs: [pythonModule('confluent_kafka', 'python3-confluent-kafka')],
  script: [PYTHON, scriptOf('confluent.py')],
  modes: ['plain', 'idempotent', 'gzip'],
  sample: [
    'key-7',
    [
      ['n', '7'],
      ['again', '1'],
      ['again', '2'],
      ['empty', null],
    ],
    true,
  ],
  assignors: ['cooperative-sticky', 'range', 'roundrobin'],
  checksCounts: true,
  group: { state: 'Empty', kept: [[1, 7]] },
  refusals: {
    'wrong key': ['_AUTHENTICATION', expect.stringContaining('No shared access rule has the name and the key')],
    'produce elsewhere': ['TOPIC_AUTHORIZATION_FAILED'],
    'fetch elsewhere': 29,
    codecs: Array(3).fill(['UNSUPPORTED_FOR_MESSAGE_FORMAT']),
    // It asks again whatever the refusal is.
    transactions: '_TIMED_OUT',
    'too large': ['_MSG_TIMED_OUT'],
    ...{ 'long group': 24, 'short session': 26, 'long session': 26 },
  },
})
