import type { Handler, Session } from '../call.ts'
import { ERROR, NO_TRANSACTIONS } from '../errors.ts'
import { NODE_ID } from '../partitions.ts'
import { OPERATIONS_NOT_STATED } from '../wire/codec.ts'
import type { DESCRIBE_CLUSTER, FIND_COORDINATOR } from '../wire/apis/session.ts'

/** A namespace is a cluster. */
export const clusterIdOf = ({ namespace }: Session): string => namespace

/** Where a client reached us it reaches us again. */
export const answerDescribeCluster: Handler<typeof DESCRIBE_CLUSTER> = (_request, { session }) => ({
  throttleTimeMs: 0,
  errorCode: ERROR.none,
  errorMessage: null,
  clusterId: clusterIdOf(session),
  controllerId: NODE_ID,
  brokers: [{ brokerId: NODE_ID, ...session.address, rack: null }],
  clusterAuthorizedOperations: OPERATIONS_NOT_STATED,
})

const GROUPS = 0
const TRANSACTIONS = 1

export const answerFindCoordinator: Handler<typeof FIND_COORDINATOR> = (request, { session }) => {
  const { keyType } = request
  const found =
    keyType === GROUPS
      ? { errorCode: ERROR.none, errorMessage: null, nodeId: NODE_ID, ...session.address }
      : { errorCode: ERROR.invalidRequest, errorMessage: refusalOf(keyType), nodeId: -1, host: '', port: -1 }
  return { ...found, coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) }
}

/**
 * The first sentences are those of the service on Standard; the last one is ours, for Premium. The code is a guess: after 15, which
 * Kafka answers while there is no coordinator, more clients ask on until they give up.
 * https://github.com/camunda-community-hub/zeebe-kafka-exporter/issues/390
 */
function refusalOf(keyType: number): string {
  const asked = `FindCoordinator asked for coordinator with type code ${keyType} which is not supported.`
  if (keyType !== TRANSACTIONS) return asked
  return `${asked} type code ${TRANSACTIONS} is only supported in Premium or Dedicated sku. ${NO_TRANSACTIONS}`
}
