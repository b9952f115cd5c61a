/** A write that write-behind gave up, as `deadLetters()` lists it. */
export interface DeadLetter<V> {
  readonly key: string
  readonly kind: 'save' | 'remove'
  /** Of a save. */
  readonly value?: V
  readonly attempts: number
  /** When it was given up, in ms since the epoch. */
  readonly at: number
  /** What the store said last. */
  readonly error: { readonly name: string; readonly message: string }
}
