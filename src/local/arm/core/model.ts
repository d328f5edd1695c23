import type { Json, JsonObject } from './body.ts'

/** A state that ends by itself when the clock reaches `until` (milliseconds since the epoch). */
export interface Transition {
  readonly state: 'Creating' | 'Updating' | 'ActivatingIdentity' | 'Deleting'
  readonly until: number
  /** Set when it ends badly. */
  readonly outcome?: 'Failed'
}

/** What is known of a resource of any type. */
export interface Resource {
  readonly subscription: string
  readonly group: string
  readonly name: string
  readonly location: string
  readonly tags: JsonObject
  readonly sku?: object
  readonly identity?: JsonObject | undefined
  readonly updatedAt: number
  readonly transition?: Transition
  readonly failed?: boolean
}

/** A type of resource that its provider keeps in the state. */
export interface ResourceType {
  /** `Microsoft.Storage/storageAccounts` */
  readonly type: string
  /** Where its resources are in the state and in its file. The provider declares it as a property of State. */
  readonly key: string
  /** Reads them from the file; `at` is their place. Throws an error that says what is wrong there. */
  readonly read: (value: unknown, at: string) => Map<string, Resource>
}

export interface ResourceGroup {
  readonly subscription: string
  readonly name: string
  readonly location: string
  readonly tags?: JsonObject
  readonly managedBy?: string
  /** Set while the group is being deleted. */
  readonly deletingUntil?: number
}

export interface Registration {
  readonly state: 'Registered' | 'Registering' | 'Unregistering' | 'NotRegistered'
  readonly until: number
}

/** An asynchronous operation that a client may ask about. */
export interface Operation {
  readonly id: string
  readonly until: number
  /** The id of the resource it works on, lower case. */
  readonly resource: string
}

/** A management lock, on the resource with the id `scope` (in Azure's casing) and on all that it holds. */
export interface Lock {
  readonly scope: string
  readonly name: string
  readonly level: 'CanNotDelete' | 'ReadOnly'
  readonly notes?: string
  readonly owners?: Json
}

/** A role that somebody has on the resource with the id `scope` (in Azure's casing) and on all that it holds. */
export interface RoleAssignment {
  readonly scope: string
  /** A GUID, lower case. */
  readonly name: string
  /** GUID of the role, lower case. */
  readonly roleId: string
  /** Object id of a user, a group or a service principal, lower case. */
  readonly principalId: string
  readonly principalType: string
  /** `condition`, `conditionVersion`, `description`, as sent. */
  readonly others: JsonObject
  readonly createdAt: number
  readonly updatedAt: number
}

/** All that the control plane knows. Providers add their types of resource. The keys of the maps are lower case. */
export interface State {
  /** By `subscription/provider`. */
  readonly registrations: Map<string, Registration>
  /** By `subscription/name`. */
  readonly groups: Map<string, ResourceGroup>
  readonly operations: Map<string, Operation>
  /** By `scope/name`. */
  readonly locks: Map<string, Lock>
  /** By `scope/name`. */
  readonly roleAssignments: Map<string, RoleAssignment>
}

/** What is known at the very beginning: nothing. */
export const emptyState = (types: readonly ResourceType[]): State =>
  ({
    registrations: new Map(),
    groups: new Map(),
    operations: new Map(),
    locks: new Map(),
    roleAssignments: new Map(),
    ...Object.fromEntries(types.map(({ key }) => [key, new Map()])),
  }) as State

/** The resources of one type. */
export const resourcesOf = (state: State, { key }: ResourceType): Map<string, Resource> => state[key as never]

/** Names are compared without regard to the case of the letters of ASCII. Other characters are only equal to themselves. */
export const keyOf = (...parts: readonly string[]): string =>
  parts.join('/').replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The ids of resources, in Azure's casing. */
export const groupId = ({ subscription, name }: ResourceGroup): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`

export const resourceId = (type: string, { subscription, group, name }: Resource): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`

/** Whether the resource with one id is the other, or lies in it. */
export const isWithin = (id: string, outer: string): boolean => `${keyOf(id)}/`.startsWith(`${keyOf(outer)}/`)

/** Values in the order of their names: lists and pages are stable while others write. */
export const sorted = <T extends { readonly name: string }>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)

/** Removes what was set on a resource and on everything in it. */
export function forgetScope({ locks, roleAssignments }: State, id: string): void {
  for (const [key, { scope }] of locks) if (isWithin(scope, id)) locks.delete(key)
  for (const [key, { scope }] of roleAssignments) if (isWithin(scope, id)) roleAssignments.delete(key)
}
