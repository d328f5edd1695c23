/** A Premium namespace with many hubs, each with as many consumer groups and the rule of the connection. */
export interface Fleet {
  readonly hubs: number
  readonly groupsEach: number
}

/** Its manifest. */
export function manifestOf({ hubs, groupsEach }: Fleet): string {
  const groups = Array.from({ length: groupsEach }, (_, i) => `g${i}`).join(', ')
  const list = Array.from({ length: hubs }, (_, i) => `  - { name: hub-${i}, consumerGroups: [${groups}] }`)
  return ['version: 1', 'location: westeurope', 'tier: Premium', 'capacity: 4', 'hubs:', ...list].join('\n')
}

/** Resource group and namespace; then each hub, its consumer groups and its rule. */
export const writesOf = ({ hubs, groupsEach }: Fleet): number => 2 + hubs * (1 + groupsEach + 1)

/** The shortest time that Resource Manager allows for so many writes: a bucket of 200, and 10 more each second. */
export const leastMs = (writes: number): number => ((writes - 200) / 10) * 1_000
