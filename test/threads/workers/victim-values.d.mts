export function makeValue(key: string, number: number): string
export function isWholeValue(key: string, value: string): boolean
export function keyOf(index: number): string
