export interface Question {
  /** `Partitions?` */
  readonly message: string
  /** A hint on the same line: `cannot be changed later on Standard`. */
  readonly context?: string | undefined
  /** Why this answer is suggested: stays beside it. */
  readonly reason?: AnswerReason | undefined
  /** The problem of the given value, shown with the question. */
  readonly firstError?: string | undefined
}

export interface AnswerReason {
  /** As it is shown: the text of an answer, the label of a choice. */
  readonly answer: string
  readonly text: string
}

export interface TextQuestion extends Question {
  /** The answer for an empty line. */
  readonly default?: string | undefined
  /** Answers why the text is not accepted, or undefined. */
  readonly validate: (text: string) => string | undefined | Promise<string | undefined>
}

export interface Choice<T> {
  readonly value: T
  readonly label: string
  /** Shown beside the label and included in a search. */
  readonly detail?: string | undefined
  /** Shown for any search. */
  readonly always?: boolean | undefined
}

export interface ChoiceQuestion<T> extends Question {
  readonly choices: readonly [Choice<T>, ...Choice<T>[]]
  /** Default: the first choice. */
  readonly default?: T | undefined
}

export interface ConfirmQuestion extends Question {
  readonly default: boolean
}

/**
 * Asks one question at a time; only for runs with `io.canPrompt`. Every method throws an `Interruption` on Ctrl-C, or the
 * reason of the signal that ended the run.
 */
export interface Prompter {
  /** Answers the trimmed text. */
  text(question: TextQuestion): Promise<string>
  /** For a short list. */
  select<T>(question: ChoiceQuestion<T>): Promise<T>
  /** For a long list, with a filter. */
  search<T>(question: ChoiceQuestion<T>): Promise<T>
  confirm(question: ConfirmQuestion): Promise<boolean>
}

const LONGEST_SELECT = 10

/** Asks for one choice, with a filter if the list is long. */
export const pick = <T>(prompter: Prompter, question: ChoiceQuestion<T>): Promise<T> =>
  question.choices.length > LONGEST_SELECT ? prompter.search(question) : prompter.select(question)
