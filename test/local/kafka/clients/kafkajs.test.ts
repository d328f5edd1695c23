import { scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

clientSuite({
  name: 'kafkajs 2.2.4',
  needs: [],
  script: [process.execPath, scriptOf('kafkajs.mjs')],
  modes: ['plain', 'idempotent', 'gzip'],
  sample: [
    'key-7',
    [
      ['n', '7'],
      ['again', ['1', '2']],
    ],
    true,
  ],
  assignors: ['RoundRobinAssigner'],
  refusals: {},
})
