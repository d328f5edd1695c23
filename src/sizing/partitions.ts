import { roundUp } from './use.ts'
import { bytesIn, type Load } from './load.ts'

const BYTES_PER_PARTITION = 1e6

/**
 * The fewest partitions that take in a load and give each worker one of its own; one for a load in one order.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-scalability
 */
export const partitionsFor = (load: Load): number =>
  load.ordered ? 1 : Math.max(1, roundUp(bytesIn(load, 'peak') / BYTES_PER_PARTITION), load.workers)

/** How much of what some partitions take in comes in at the busiest. */
export const partitionPercent = (load: Load, partitions: number): number =>
  (bytesIn(load, 'peak') / bytesOfPartitions(partitions)) * 100

/** Bytes that some partitions take in for one second. */
export const bytesOfPartitions = (partitions: number): number => partitions * BYTES_PER_PARTITION
