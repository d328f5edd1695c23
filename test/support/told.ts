import type { Problem } from '../../src/lib/errors.ts'
import { tellProblem } from '../../src/ui/problems.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

/** A problem as people read it. */
export const tell = (problem: Problem) => ({ kind: problem.kind, ...tellProblem(problem, plainSpeller) })

/** `--tier Gold is not a tier`, in one line. */
export function toldOf(problem: Problem): string {
  const { flag, message } = tell(problem)
  return `${flag} ${message}`
}
