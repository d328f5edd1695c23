import { expect } from 'vitest'
import { TestClient } from '../../support/client.ts'
import { batchOfTexts, produce } from '../../support/records.ts'
import { PARTITIONS, type Where } from './azure.ts'
import { type Program, until } from './program.ts'

/**
 * The first assignor of a client, all of them where no referee may stay away: each of them takes as long as a session,
 * since a member is killed.
 */
export const assignorsToTry = (assignors: readonly string[]): readonly string[] =>
  process.env['ML_INGEST_REFEREES'] === 'all' ? assignors : assignors.slice(0, 1)

/** Of each round. */
const EVENTS = 100

/**
 * Members of one group come, leave and are killed; each time the others share the partitions of the topic anew, and
 * nothing is missed. `leaveBy`: the signal that lets a member leave; without it, its input is closed.
 */
export async function expectSharing(
  where: Where,
  topic: string,
  join: () => Program,
  leaveBy?: NodeJS.Signals,
): Promise<void> {
  const client = await TestClient.signedIn(Number(where.server.split(':')[1]), where.password)
  const members: Program[] = []
  const newOne = () => {
    const member = join()
    members.push(member)
    return member
  }
  const have = (...shares: readonly (readonly [Program, number])[]) =>
    until(
      shares.map(([member]) => member),
      `shares of ${shares.map(([, share]) => share).join(' and ')}`,
      () => shares.every(([member, share]) => member.assigned === share),
    )
  const sent: string[] = []
  const isRead = async (round: string, ...readers: readonly Program[]) => {
    const values = Array.from({ length: EVENTS }, (_, i) => `${round}-${i}`)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const batch = batchOfTexts(values.filter((_, i) => i % PARTITIONS === partition))
      expect((await produce(client, topic, batch, { partition })).errorCode).toBe(0)
    }
    sent.push(...values)
    await until(readers, `all of the round ${round}`, () => {
      const read = new Set(members.flatMap((member) => member.read))
      return sent.every((one) => read.has(one))
    })
  }

  const first = newOne()
  await have([first, PARTITIONS])
  await isRead('alone', first)
  const second = newOne()
  await have([first, PARTITIONS / 2], [second, PARTITIONS / 2])
  await isRead('together', first, second)
  await second.leave(leaveBy)
  await have([first, PARTITIONS])
  await isRead('left', first)
  const third = newOne()
  await have([first, PARTITIONS / 2], [third, PARTITIONS / 2])
  await third.kill()
  await have([first, PARTITIONS])
  await isRead('killed', first)
  await first.leave(leaveBy)

  // Who comes next goes on where they stopped.
  const next = newOne()
  await have([next, PARTITIONS])
  await isRead('later', next)
  expect(next.read.filter((value) => !value.startsWith('later'))).toEqual([])
  client.close()
}
