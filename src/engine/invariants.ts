export function describeProblem(invariant: number): string {
  return `invariant ${invariant}`
}
