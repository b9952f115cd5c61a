/**
 * What a TieredCache has to answer, in plain maps: the value of each key, until when it is fresh and kept, its tags,
 * and the edges of dependencies.
 *
 * 1. A value that the model has not is never right. One that it has may be missing only where it is `optional`:
 *    a dependent of what was stale already, which a walk over keys may find or not.
 */
import { compilePattern } from '../../../src/cache/key-pattern.js'

export interface Kept {
  readonly value: string
  readonly tags: readonly string[]
  freshUntil: number
  readonly keepUntil: number
  readonly hasGrace: boolean
  isOptional: boolean
}

export interface Stored {
  readonly value: string
  readonly tags?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly ttlMs: number
  readonly graceMs: number
}

export class TieredModel {
  readonly kept = new Map<string, Kept>()
  readonly #edges = new Map<string, readonly string[]>()
  now: number

  constructor(now: number) {
    this.now = now
  }

  /** Undefined: nothing, or what is stale. */
  fresh(key: string): Kept | undefined {
    const kept = this.kept.get(key)
    return kept !== undefined && this.now < kept.freshUntil ? kept : undefined
  }

  /** What is kept, stale. */
  stale(key: string): Kept | undefined {
    const kept = this.kept.get(key)
    return kept !== undefined && this.now < kept.keepUntil && this.now >= kept.freshUntil
      ? kept
      : undefined
  }

  set(entries: readonly (readonly [string, Stored])[]): void {
    for (const [key, stored] of entries) this.load(key, stored)
    this.#dropDependentsOf(entries.map(([key]) => key))
  }

  /** As a loader stores it: no change of the key, as far as dependents go. */
  load(key: string, { value, tags = [], dependsOn = [], ttlMs, graceMs }: Stored): void {
    if (dependsOn.length > 0) this.dependsOn(key, dependsOn)
    const freshUntil = this.now + ttlMs
    const keepUntil = freshUntil + graceMs
    const hasGrace = graceMs > 0
    this.kept.set(key, { value, tags, freshUntil, keepUntil, hasGrace, isOptional: false })
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) this.kept.delete(key)
    this.#dropDependentsOf(keys)
  }

  expire(keys: readonly string[]): void {
    for (const key of keys) this.#soften(key)
    this.#dropDependentsOf(keys)
  }

  invalidateTags(tags: readonly string[]): void {
    for (const key of this.#tagged(tags)) this.kept.delete(key)
  }

  expireTags(tags: readonly string[]): void {
    for (const key of this.#tagged(tags)) this.#soften(key)
  }

  deleteWhere(glob: string): void {
    const { test } = compilePattern(glob)
    const keys = [...this.kept.keys()].filter(test)
    const sure = keys.filter((key) => this.fresh(key)?.isOptional === false)
    const unsure = keys.filter((key) => !sure.includes(key))
    for (const key of this.#dependentsOf(unsure)) this.#doubt(key)
    this.delete(sure)
    for (const key of unsure) this.kept.delete(key)
  }

  dependsOn(key: string, dependencies: readonly string[]): void {
    this.#edges.set(key, dependencies)
  }

  clear(): void {
    this.kept.clear()
  }

  /** Grows the set until nothing is added any more. */
  #dependentsOf(keys: readonly string[]): string[] {
    const reached = new Set(keys)
    for (let size = 0; size < reached.size; ) {
      size = reached.size
      for (const [dependent, dependencies] of this.#edges) {
        if (dependencies.some((dependency) => reached.has(dependency))) reached.add(dependent)
      }
    }
    return [...reached].filter((key) => !keys.includes(key))
  }

  #dropDependentsOf(keys: readonly string[]): void {
    for (const key of this.#dependentsOf(keys)) this.kept.delete(key)
  }

  #tagged(tags: readonly string[]): string[] {
    const isTagged = ([, kept]: [string, Kept]) => kept.tags.some((tag) => tags.includes(tag))
    return [...this.kept].filter(isTagged).map(([key]) => key)
  }

  #soften(key: string): void {
    const kept = this.kept.get(key)
    if (kept !== undefined) kept.freshUntil = Math.min(kept.freshUntil, this.now)
  }

  #doubt(key: string): void {
    const kept = this.kept.get(key)
    if (kept !== undefined) kept.isOptional = true
  }
}
