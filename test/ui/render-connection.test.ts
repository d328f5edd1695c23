import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/engine/connection.ts'
import { Failure } from '../../src/lib/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import { FORMATS, type Format } from '../../src/inputs/run.ts'
import { FORMAT_FACTS } from '../../src/ui/connection/facts.ts'
import { renderConnections, secretsOf } from '../../src/ui/connection/render-connection.ts'
import { plainSpeller } from '../../src/ui/spell.ts'
import { columnsOf } from '../../src/ui/text.ts'
import { canvas, entraConnection, KEY, sasConnection, stringOf } from './samples.ts'

const render = (
  format: Format,
  connections: readonly Connection[] = [sasConnection()],
  name?: string,
  hubName?: string,
) => renderConnections(connections, { format, canvas: canvas(80), speller: plainSpeller, name, hubName })
const STRING = stringOf('clicks', 'ml-ingest-send-listen')
const nobodys = (): Connection => {
  const { sign } = entraConnection()
  return entraConnection({ sign: { ...sign, embedded: true } as Connection['sign'] })
}
const embedded = (): Connection =>
  sasConnection({ host: 'localhost:5672', kafka: { servers: 'localhost:9092', protocol: 'SASL_PLAINTEXT' } })

function failure(run: () => unknown): Failure {
  try {
    run()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('text', () => {
  it('is rows, and the string on a line of its own', () => {
    expect(`\n${render('text')}`.replaceAll(KEY, 'KEY')).toMatchInlineSnapshot(`
      "
        Resource group   rg-demo
        Namespace        ns-demo
        Host             ns-demo.servicebus.windows.net
        Kafka            ns-demo.servicebus.windows.net:9093
        Hub              clicks
        Consumer groups  trainer, audit
        Right            send, listen
        Rule             ml-ingest-send-listen
        Connection
      Endpoint=sb://ns-demo.servicebus.windows.net/;SharedAccessKeyName=ml-ingest-send-listen;SharedAccessKey=KEY;EntityPath=clicks"
    `)
  })

  it('says which key and how far it opens', () => {
    const { sign } = sasConnection()
    const root = sasConnection({ sign: { ...sign, scope: 'namespace', secondary: true } as Connection['sign'] })
    const text = render('text', [root])
    expect(text).toContain('  Rule             ml-ingest-send-listen of the namespace: opens every hub\n')
    expect(text).toContain('  Key              secondary\n')
  })

  it('gives the roles and how to assign them where keys are off', () => {
    expect(`\n${render('text', [entraConnection()])}`).toMatchInlineSnapshot(`
      "
        Resource group   rg-demo
        Namespace        ns-demo
        Host             ns-demo.servicebus.windows.net
        Kafka            ns-demo.servicebus.windows.net:9093
        Hub              clicks
        Consumer groups  trainer, audit
        Sign in          Microsoft Entra ID: this namespace takes no keys
        Roles            Azure Event Hubs Data Sender, Azure Event Hubs Data Receiver
        Python
      EventHubProducerClient(fully_qualified_namespace="ns-demo.servicebus.windows.net", eventhub_name="clicks", credential=DefaultAzureCredential())
        Code             --format python, node or java
        To give the roles:
        az role assignment create --role 'Azure Event Hubs Data Sender' --assignee PRINCIPAL_ID --scope /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-demo/eventhubs/clicks
        az role assignment create --role 'Azure Event Hubs Data Receiver' --assignee PRINCIPAL_ID --scope /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-demo/providers/Microsoft.EventHub/namespaces/ns-demo/eventhubs/clicks"
    `)
  })

  it('leaves out how to give roles where the run gives some', () => {
    const { sign } = entraConnection()
    const text = render('text', [entraConnection({ sign: { ...sign, granted: true } as Connection['sign'] })])
    expect(text).toContain('Azure Event Hubs Data Sender')
    expect(text).not.toContain('az role')
  })

  it('says that nobody can sign in to a namespace of the embedded Azure without keys, and names no host of Azure', () => {
    const text = render('text', [nobodys()])
    expect(text.replace(/\s+/g, ' ')).toContain('Sign in Not possible: this namespace takes no keys')
    expect(text).not.toMatch(/windows\.net|az role|Credential/)
    expect(failure(() => render('python', [nobodys()]))).toMatchObject({ code: 'usage' })
  })

  it('draws a block for each hub', () => {
    const text = render('text', [sasConnection(), sasConnection({ hub: 'audit' })])
    expect(text).toContain(`${STRING}\n\n  Resource group`)
    expect(text.endsWith(';EntityPath=audit')).toBe(true)
  })
})

describe('raw and variables', () => {
  it.each<[Format, string]>([
    ['raw', STRING],
    ['env', `export EVENTHUB_CONNECTION_STRING='${STRING}'\nexport EVENTHUB_NAME='clicks'`],
    [
      'powershell',
      `# To set these variables, add this to the command: | Invoke-Expression\n$Env:EVENTHUB_CONNECTION_STRING = '${STRING}'\n$Env:EVENTHUB_NAME = 'clicks'`,
    ],
    ['fish', `set -gx EVENTHUB_CONNECTION_STRING '${STRING}'\nset -gx EVENTHUB_NAME 'clicks'`],
    [
      'cmd',
      `@rem To set these variables, add --output eventhub.cmd to the command, then: call eventhub.cmd\n@set "EVENTHUB_CONNECTION_STRING=${STRING}"\n@set "EVENTHUB_NAME=clicks"`,
    ],
    ['env-file', `EVENTHUB_CONNECTION_STRING=${STRING}\nEVENTHUB_NAME=clicks`],
    ['dotenv', `EVENTHUB_CONNECTION_STRING='${STRING}'\nEVENTHUB_NAME='clicks'`],
    ['compose', `environment:\n  EVENTHUB_CONNECTION_STRING: '${STRING}'\n  EVENTHUB_NAME: 'clicks'`],
  ])('%s', (format, text) => expect(render(format)).toBe(text))

  it('--name VAR sets that one alone', () => {
    expect(render('env', [sasConnection()], 'EH')).toBe(`export EH='${STRING}'`)
  })

  it('--hub-name VAR sets the hub under that name', () => {
    expect(render('env-file', [sasConnection()], undefined, 'HUB')).toBe(
      `EVENTHUB_CONNECTION_STRING=${STRING}\nHUB=clicks`,
    )
    expect(render('dotenv', [sasConnection()], 'EH', 'HUB')).toBe(`EH='${STRING}'\nHUB='clicks'`)
  })

  it('raw gives one line for each hub, in order', () => {
    const text = render('raw', [sasConnection({ hub: 'b' }), sasConnection({ hub: 'a' })])
    expect(text.split('\n').map((line) => line.at(-1))).toEqual(['b', 'a'])
  })
})

describe('kafka', () => {
  it('gives the properties of a Java client', () => {
    expect(render('kafka').split('\n')).toEqual([
      '# topic: clicks',
      'bootstrap.servers=ns-demo.servicebus.windows.net:9093',
      'security.protocol=SASL_SSL',
      'sasl.mechanism=PLAIN',
      `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" password="${STRING}";`,
    ])
  })
  it('gives the settings of librdkafka', () => {
    expect(render('librdkafka').split('\n').slice(3)).toEqual([
      'sasl.mechanisms=PLAIN',
      'sasl.username=$ConnectionString',
      `sasl.password=${STRING}`,
    ])
  })
})

describe('kafka on the embedded Azure', () => {
  it.each<Format>(['kafka', 'librdkafka'])('%s: its own port, and no TLS', (format) => {
    const lines = render(format, [embedded()]).split('\n')
    expect(lines.slice(0, 3)).toEqual([
      '# topic: clicks',
      'bootstrap.servers=localhost:9092',
      'security.protocol=SASL_PLAINTEXT',
    ])
  })
})

describe('kafka without keys', () => {
  const HOST = 'ns-demo.servicebus.windows.net'

  it('signs in a Java client as a service principal, whose secret Kafka reads from the environment', () => {
    const lines = render('kafka', [entraConnection()]).split('\n')
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
      `bootstrap.servers=${HOST}:9093`,
      'security.protocol=SASL_SSL',
      'sasl.mechanism=OAUTHBEARER',
      'config.providers=env',
      'config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      'sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler',
      'sasl.oauthbearer.token.endpoint.url=https://login.microsoftonline.com/${env:AZURE_TENANT_ID}/oauth2/v2.0/token',
      `sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="\${env:AZURE_CLIENT_ID}" clientSecret="\${env:AZURE_CLIENT_SECRET}" scope="https://${HOST}/.default";`,
    ])
    expect(lines).toContainEqual(
      expect.stringContaining(
        '-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=https://login.microsoftonline.com/TENANT_ID/oauth2/v2.0/token',
      ),
    )
  })

  it('signs in a client of librdkafka by OpenID Connect', () => {
    expect(render('librdkafka', [entraConnection()]).split('\n').slice(2)).toEqual([
      `bootstrap.servers=${HOST}:9093`,
      'security.protocol=SASL_SSL',
      'sasl.mechanisms=OAUTHBEARER',
      'sasl.oauthbearer.method=oidc',
      'sasl.oauthbearer.client.id=${AZURE_CLIENT_ID}',
      'sasl.oauthbearer.client.secret=${AZURE_CLIENT_SECRET}',
      'sasl.oauthbearer.token.endpoint.url=https://login.microsoftonline.com/${AZURE_TENANT_ID}/oauth2/v2.0/token',
      `sasl.oauthbearer.scope=https://${HOST}/.default`,
    ])
  })

  it.each([
    ['ns.servicebus.windows.net', 'login.microsoftonline.com'],
    ['ns.servicebus.usgovcloudapi.net', 'login.microsoftonline.us'],
    ['ns.servicebus.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
  ])('%s: tokens come from %s', (host, login) => {
    for (const format of ['kafka', 'librdkafka', 'databricks', 'fabric'] as const)
      expect(render(format, [entraConnection({ host })])).toContain(`https://${login}/`)
  })
})

const BASIC = { kafka: undefined, tierHasKafka: false } as const

describe('what cannot be given', () => {
  it.each<[string, Format, Connection]>([
    ['Kafka on Basic', 'kafka', sasConnection(BASIC)],
    ['Kafka on Basic, embedded', 'librdkafka', { ...embedded(), ...BASIC }],
    ['Spark on the embedded Azure', 'spark', embedded()],
    ['a bare string without keys', 'raw', entraConnection()],
    ['variables without keys', 'env', entraConnection()],
    ['Databricks on Basic', 'databricks', sasConnection(BASIC)],
    ['Databricks on the embedded Azure', 'databricks', embedded()],
    ['Fabric on Basic without keys', 'fabric', entraConnection(BASIC)],
    ['Kafka on Basic without keys', 'kafka', entraConnection(BASIC)],
    ['Kafka where nobody can sign in', 'kafka', nobodys()],
    ['Spark without keys', 'spark', entraConnection()],
  ])('%s: a usage error, with a way out', (_name, format, connection) => {
    const error = failure(() => render(format, [connection]))
    expect(error).toMatchObject({ code: 'usage' })
    expect(error.hint).toMatch(/--format|--disable-local-auth/)
    expect(error.why).toHaveLength(1)
  })

  it('several hubs in a format for one', () => {
    const two = [sasConnection(), sasConnection({ hub: 'audit' })]
    for (const format of FORMATS) {
      if (FORMAT_FACTS[format].many) expect(render(format, two)).toContain('audit')
      else expect(failure(() => render(format, two))).toMatchObject({ code: 'usage' })
    }
  })
})

it('the facts about a format are true', () => {
  for (const format of FORMATS) {
    const facts = FORMAT_FACTS[format]
    expect(render(format).includes(KEY), `${format} and its secret`).toBe(facts.secret)
    expect(
      tries(() => render(format, [entraConnection()])),
      `${format} without a key`,
    ).toBe(facts.entra)
    expect(
      tries(() => render(format, [embedded()])),
      `${format}, embedded`,
    ).toBe(facts.embedded)
    expect(
      tries(() => render(format, [sasConnection({ kafka: undefined })])),
      `${format}, no Kafka`,
    ).toBe(!facts.kafka)
  }
})

function tries(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch {
    return false
  }
}

it('masks the whole string and the bare key', () => {
  expect(secretsOf([sasConnection(), entraConnection()]).map((secret) => secret.reveal())).toEqual([STRING, KEY])
})

it('text fits but for its string, its ids and its commands', () => {
  const anyName = fc.stringMatching(/^[a-z][a-z0-9-]{0,80}$/)
  fc.assert(
    fc.property(
      anyName,
      fc.array(anyName),
      fc.boolean(),
      fc.integer({ min: 40, max: 120 }),
      (hub, groups, entra, width) => {
        const connection = (entra ? entraConnection : sasConnection)({ hub, consumerGroups: groups })
        for (const line of renderConnections([connection], {
          format: 'text',
          canvas: canvas(width),
          speller: plainSpeller,
        }).split('\n')) {
          const uncut =
            columnsOf(line.split(' ').at(-1)!) > width - 24 ||
            /^(  az role assignment create|EventHub\w+Client\()/.test(line)
          expect(columnsOf(line) <= width || uncut, line).toBe(true)
        }
      },
    ),
  )
})

it('no snippet ever holds a key', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9+/]{43}=$/)
  fc.assert(
    fc.property(
      secret,
      fc.constantFrom<Format>('python', 'ipynb', 'node', 'java', 'spark', 'databricks', 'fabric'),
      (key, format) => {
        const { sign } = sasConnection()
        const held = { ...sign, key: new Secret(key), connectionString: new Secret(`SharedAccessKey=${key}`) }
        expect(render(format, [sasConnection({ sign: held as Connection['sign'] })])).not.toContain(key)
      },
    ),
  )
})
