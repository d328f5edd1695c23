import { CHANGING, list, toggle, value, type Field } from './input.ts'
import { formatGrant, parseGrant } from './grant-parsers.ts'
import { oneOf } from './parsers.ts'

const STAGES = ['1', '2'] as const

/** Who may use the hubs, with a key that is renewed or without one. */
export const ACCESS_FIELDS = {
  grant: list({
    flags: '--grant <id:role>',
    env: ['ML_INGEST_GRANT'],
    label: 'grant',
    help: 'give a data role on each hub: OBJECT_ID:sender, receiver or owner, then :User or :Group if it is no service principal; repeatable',
    example: '8c1d2e3f-0000-0000-0000-000000000000:sender',
    section: 'Access',
    commands: CHANGING,
    parse: parseGrant,
    format: formatGrant,
  }),
  disableLocalAuth: toggle({
    flags: '--disable-local-auth',
    env: ['ML_INGEST_DISABLE_LOCAL_AUTH'],
    label: 'no keys',
    help: 'let nobody in with a key: clients sign in with Microsoft Entra, no access rule is made',
    section: 'Access',
    commands: CHANGING,
  }),
  stage: value<(typeof STAGES)[number]>({
    flags: '--stage <n>',
    env: [],
    label: 'stage',
    help: '1 renews the secondary key, 2 the primary',
    example: '1',
    choices: STAGES,
    defaultText: 'on a terminal both, with a question before each',
    section: 'Access',
    commands: ['rotate-key'],
    parse: oneOf('a stage', STAGES),
  }),
} satisfies Record<string, Field>
