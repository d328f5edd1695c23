/** What all questions have in common. */
export interface Question {
  /** The thing and a question mark: `Partitions?`. */
  readonly message: string
  /** What changes the decision, faint, on the same line: `cannot be changed later on Standard`. */
  readonly context?: string | undefined
  /** Why it is asked again, shown before anything is typed: what is wrong with the flag that was given. */
  readonly firstError?: string | undefined
}

export interface TextQuestion extends Question {
  /** What Enter on an empty line answers. */
  readonly default?: string | undefined
  /** Undefined when the answer will do, else the line that says why not; what was typed stays for retyping. */
  readonly validate: (text: string) => string | undefined | Promise<string | undefined>
}

export interface Choice<T> {
  readonly value: T
  readonly label: string
  /** Stands beside the label, and is found by a search like the label: an id, what a tier limits. */
  readonly detail?: string | undefined
  /** Offered whatever is searched for. */
  readonly always?: boolean | undefined
}

export interface ChoiceQuestion<T> extends Question {
  readonly choices: readonly [Choice<T>, ...Choice<T>[]]
  /** The row that Enter takes; the first when left out. */
  readonly default?: T | undefined
}

export interface ConfirmQuestion extends Question {
  readonly default: boolean
}

/**
 * Asks a person, one question at a time. Every method throws the `Interruption` of Ctrl-C, or the reason of the signal
 * that ended the run, and is never called where nobody can answer (`io.canPrompt`).
 */
export interface Prompter {
  /** The answer, without spaces around it. */
  text(question: TextQuestion): Promise<string>
  /** One of a short list. */
  select<T>(question: ChoiceQuestion<T>): Promise<T>
  /** One of a long list, narrowed by typing. */
  search<T>(question: ChoiceQuestion<T>): Promise<T>
  confirm(question: ConfirmQuestion): Promise<boolean>
}

const LONGEST_SELECT = 10

/** Asks for one of a list in the way that suits its length. */
export const pick = <T>(prompter: Prompter, question: ChoiceQuestion<T>): Promise<T> =>
  question.choices.length > LONGEST_SELECT ? prompter.search(question) : prompter.select(question)
