import { PYTHON, pythonModule } from '../../amqp/support/referee.ts'
import { printedBy, scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

const VERSION = 'import kafka; print(f"kafka-python {kafka.__version__}")'

clientSuite({
  name: printedBy(PYTHON, '-c', VERSION),
  needs: [pythonModule('kafka', 'python3-kafka')],
  script: [PYTHON, scriptOf('kafka_python.py')],
  modes: ['plain', 'gzip'],
  sample: [
    'key-7',
    [
      ['n', '7'],
      ['again', '1'],
      ['again', '2'],
    ],
    true,
  ],
  assignors: ['range', 'roundrobin'],
  group: { state: 'Empty', kept: [[1, 7, 'note']], deleted: [0, 69], left: [] },
  refusals: {
    // It tells its log why.
    'wrong key': 'NoBrokersAvailable',
    'produce elsewhere': 29,
    ...{ 'long group': 24, 'short session': 26, 'long session': 26, 'long note': [0, 12] },
  },
})
