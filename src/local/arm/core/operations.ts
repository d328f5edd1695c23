import { page } from './reply.ts'
import type { ArmReply, Call } from './routes.ts'

/** A permission: what roles allow. Without the name of its provider. */
export type Permission = readonly [name: string, resource: string, operation: string]

interface Owner {
  readonly namespace: string
  /** The name of the provider for people. */
  readonly provider: string
}

/** Answers the list of the permissions that a provider has. */
export const listOperations =
  ({ namespace, provider }: Owner, permissions: readonly Permission[]) =>
  (call: Call): ArmReply =>
    page(call, permissions, ([name, resource, operation]) => ({
      name: `${namespace}/${name}`,
      display: { provider, resource, operation },
    }))
