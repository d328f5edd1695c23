import { CHANGING, list, toggle, type Field } from './field.ts'
import { parseGrant } from './grants.ts'

/** Who may use the hubs without a key. */
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
  }),
  disableLocalAuth: toggle({
    flags: '--disable-local-auth',
    env: ['ML_INGEST_DISABLE_LOCAL_AUTH'],
    label: 'no keys',
    help: 'let nobody in with a key: clients sign in with Microsoft Entra, no access rule is made',
    section: 'Access',
    commands: CHANGING,
  }),
} satisfies Record<string, Field>
