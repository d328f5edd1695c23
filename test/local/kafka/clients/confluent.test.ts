import { PYTHON, pythonModule } from '../../amqp/support/referee.ts'
import { scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

clientSuite({
  name: 'confluent-kafka 1.7.0 on librdkafka 2.0.2',
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
  assignors: ['range', 'roundrobin', 'cooperative-sticky'],
  refusals: {},
})
