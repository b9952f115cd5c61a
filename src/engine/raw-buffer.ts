/** Methods that every Buffer has and `@types/node` leaves out: no argument checks, no encoding lookup. */
export interface RawBuffer extends Buffer {
  latin1Slice(start: number, end: number): string
  ucs2Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  latin1Write(text: string, offset: number, length: number): number
  ucs2Write(text: string, offset: number, length: number): number
  utf8Write(text: string, offset: number, length: number): number
}
