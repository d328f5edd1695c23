import { DEFAULTS } from './defaults.ts'
import { inputsOf, type Input } from './input.ts'
import { oneOf } from '../lib/parser.ts'
import {
  parseConsumerGroup,
  parseEnvironmentName,
  parseHubName,
  parseLocation,
  parseNamespaceName,
  parsePath,
  parseResourceGroupName,
  parseSubscription,
  parseTenant,
} from './parsers.ts'

export const CLOUDS = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'] as const
export type CloudName = (typeof CLOUDS)[number]
export const AUTH = ['auto', 'cli', 'azd', 'env', 'workload', 'managed-identity'] as const
export type AuthKind = (typeof AUTH)[number]

const RUNNING = { help: 'use the embedded Azure that runs on this machine, without an account' }

const target = inputsOf('Target')
const hubs = inputsOf('Event hubs', { flagsOnly: true })
const run = inputsOf('Run', { flagsOnly: true })

/** The subscription, the names and the sign-in. */
export const TARGET_INPUTS = {
  file: target.value({
    flags: '-f, --file <path>',
    label: 'manifest',
    help: 'manifest to read',
    example: 'ml-ingest.yaml',
    defaultText: 'ml-ingest.yaml or ml-ingest.yml in the current folder, if there is one',
    parse: parsePath,
  }),
  env: target.value({
    flags: '-e, --env <name>',
    label: 'environment',
    help: 'environment of the manifest',
    example: 'prod',
    parse: parseEnvironmentName,
  }),
  subscription: target.value({
    at: 'subscription',
    flags: '-s, --subscription <id>',
    env: ['ML_INGEST_SUBSCRIPTION', 'AZURE_SUBSCRIPTION_ID', 'ARM_SUBSCRIPTION_ID'],
    prompt: 'Subscription?',
    help: 'subscription id or name',
    example: '8c1d2e3f-0000-0000-0000-000000000000',
    parse: parseSubscription,
  }),
  resourceGroup: target.value({
    at: 'resourceGroup',
    flags: '-g, --resource-group <name>',
    env: ['ML_INGEST_RESOURCE_GROUP', 'AZURE_RESOURCE_GROUP'],
    prompt: 'Resource group?',
    help: 'resource group',
    inCommand: { create: { help: 'resource group; made if it does not exist' } },
    example: 'rg-clicks',
    parse: parseResourceGroupName,
    default: DEFAULTS.resourceGroup,
  }),
  location: target.value({
    at: 'location',
    flags: '-l, --location <region>',
    env: ['ML_INGEST_LOCATION', 'AZURE_LOCATION'],
    prompt: 'Location?',
    help: 'region of new resources',
    example: 'westeurope',
    defaultText: "the resource group's",
    parse: parseLocation,
  }),
  namespace: target.value({
    at: 'namespace',
    flags: '-n, --namespace <name>',
    prompt: 'Namespace?',
    help: 'Event Hubs namespace, unique in all of Azure',
    example: 'ns-clicks-7k2p',
    defaultText: 'ml-ingest- and 8 characters made from subscription and resource group',
    parse: parseNamespaceName,
  }),
  tenant: target.value({
    at: 'tenant',
    flags: '--tenant <id>',
    rare: true,
    env: ['ML_INGEST_TENANT', 'AZURE_TENANT_ID', 'ARM_TENANT_ID'],
    help: 'tenant id or domain to sign in to',
    example: 'contoso.com',
    parse: parseTenant,
  }),
  cloud: target.value<CloudName>({
    flags: '--cloud <name>',
    rare: true,
    help: 'which Azure cloud',
    example: 'AzureUSGovernment',
    choices: CLOUDS,
    default: 'AzureCloud',
    parse: oneOf('a cloud', CLOUDS),
  }),
  auth: target.value<AuthKind>({
    flags: '--auth <kind>',
    rare: true,
    label: 'sign-in',
    help: 'where the sign-in comes from',
    example: 'cli',
    choices: AUTH,
    default: 'auto',
    parse: oneOf('a way to sign in', AUTH),
  }),
  local: target.toggle({
    flags: '--local',
    label: 'embedded Azure',
    help: 'use the embedded Azure on this machine, without an account; starts it if it is not running',
    inCommand: { send: RUNNING, tail: RUNNING },
  }),
  data: target.value({
    flags: '--data <dir>',
    rare: true,
    label: 'data folder',
    help: 'folder of the embedded Azure',
    example: './.azure-local',
    defaultText: "ml-ingest in the user's data directory",
    parse: parsePath,
  }),
} satisfies Record<string, Input>

/** What to delete. Only flags can give this: variables and manifests are there for other commands. */
export const DELETION_INPUTS = {
  hubToDelete: hubs.list({
    flags: '--hub <name>',
    label: 'hub to delete',
    help: 'hub to delete, with its events; repeatable',
    example: 'clicks',
    defaultText: 'the whole namespace is deleted',
    parse: parseHubName,
  }),
  consumerGroupToDelete: hubs.list({
    flags: '--consumer-group <[hub/]name>',
    label: 'consumer group to delete',
    help: 'consumer group to delete; needs its hub if several hubs have it; repeatable',
    example: 'clicks/trainer',
    parse: parseConsumerGroup,
  }),
  confirm: run.value({
    flags: '--confirm <namespace>',
    label: 'confirmed name',
    help: 'name of the namespace, instead of typing it; also deletes what ml-ingest did not make',
    example: 'ns-clicks-7k2p',
    parse: parseNamespaceName,
  }),
} satisfies Record<string, Input>
