/** Checks that options of all kinds share. Each error names the option, the value and what is allowed. */
import { closestName } from './closest-name.js'
import { InvalidOptionError } from './errors.js'

export function integer(
  option: string,
  value: number | undefined,
  least: number,
  most: number,
  otherwise: number,
): number {
  if (value === undefined) return otherwise
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new InvalidOptionError(option, value, `a whole number from ${least} to ${most}`)
  }
  return value
}

export function oneOf<Name extends string>(
  option: string,
  value: Name | undefined,
  names: readonly Name[],
  otherwise: Name,
): Name {
  if (value === undefined) return otherwise
  if (!names.includes(value)) throw new InvalidOptionError(option, value, listed(names))
  return value
}

export function callback<Callback>(
  option: string,
  value: Callback | undefined,
): Callback | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw new InvalidOptionError(option, value, 'a function')
  }
  return value
}

export function checkNames(option: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(option, value, `an object with ${names.join(', ')}`)
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue
    const closest = closestName(name, names)
    const hint = closest === undefined ? '' : ` (did you mean '${closest}'?)`
    const full = option === 'options' ? name : `${option}.${name}`
    const given = (value as Record<string, unknown>)[name]
    throw new InvalidOptionError(full, given, `only ${names.join(', ')}${hint}`)
  }
}

export function listed(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}
