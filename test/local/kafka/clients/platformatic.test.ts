import { scriptOf } from './support/program.ts'
import { clientSuite } from './support/suite.ts'

clientSuite({
  name: '@platformatic/kafka 1.35.0',
  needs: [],
  script: [process.execPath, scriptOf('platformatic.mjs')],
  modes: ['plain', 'idempotent', 'gzip'],
  sample: ['key-7', [['n', '7']], true],
  assignors: ['roundrobin'],
  refusals: {},
})
