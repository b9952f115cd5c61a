// A block of the frequency sketch: one cache line with four rows of 4-bit counters. A key has one counter
// in each row, picked by 20 bits; its frequency is the least of the four.
//
//    0  row 0  32 x u4
//   16  row 1  32 x u4
//   32  row 2  32 x u4
//   48  row 3  32 x u4
//
// Written under the shard's lock.

const ROW_SHIFT: u32 = 4
const PICK_BITS: u32 = 5
const MAX_COUNT: u32 = 15
export const SKETCH_BLOCK_SHIFT: u32 = 6

export class SketchBlock {
  static clear(block: u32): void {
    const zero = i64x2.splat(0)
    v128.store(block, zero)
    v128.store(block, zero, 16)
    v128.store(block, zero, 32)
    v128.store(block, zero, 48)
  }

  /** Reads the block, so that it is at hand soon; what it returns means nothing. */
  static foresee(block: u32): u32 {
    return load<u32>(block)
  }

  static copy(to: u32, from: u32): void {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    v128.store(to, v128.load(from, 32), 32)
    v128.store(to, v128.load(from, 48), 48)
  }

  static estimate(block: u32, picks: u32): u32 {
    const first = min<u32>(SketchBlock.count(block, 0, picks), SketchBlock.count(block, 1, picks))
    const second = min<u32>(SketchBlock.count(block, 2, picks), SketchBlock.count(block, 3, picks))
    return min<u32>(first, second)
  }

  /** Raises only the least of the key's counters (conservative update), so that others err less. */
  static raise(block: u32, picks: u32): void {
    const least = SketchBlock.estimate(block, picks)
    if (least == MAX_COUNT) return
    SketchBlock.raiseFrom(block, 0, picks, least)
    SketchBlock.raiseFrom(block, 1, picks, least)
    SketchBlock.raiseFrom(block, 2, picks, least)
    SketchBlock.raiseFrom(block, 3, picks, least)
  }

  /** Halves all 128 counters. */
  static halve(block: u32): void {
    SketchBlock.halveRow(block)
    SketchBlock.halveRow(block + 16)
    SketchBlock.halveRow(block + 32)
    SketchBlock.halveRow(block + 48)
  }

  private static count(block: u32, row: u32, picks: u32): u32 {
    return (
      (u32(load<u8>(SketchBlock.byteOf(block, row, picks))) >>> SketchBlock.shiftOf(row, picks)) &
      MAX_COUNT
    )
  }

  private static raiseFrom(block: u32, row: u32, picks: u32, count: u32): void {
    const at = SketchBlock.byteOf(block, row, picks)
    const shift = SketchBlock.shiftOf(row, picks)
    const pair = u32(load<u8>(at))
    // Why no branch: which of the four are raised is as good as random.
    store<u8>(at, u8(pair + (u32(((pair >>> shift) & MAX_COUNT) == count) << shift)))
  }

  private static byteOf(block: u32, row: u32, picks: u32): u32 {
    return block + (row << ROW_SHIFT) + ((picks >>> (row * PICK_BITS + 1)) & 15)
  }

  private static shiftOf(row: u32, picks: u32): u32 {
    return ((picks >>> (row * PICK_BITS)) & 1) << 2
  }

  private static halveRow(row: u32): void {
    // Why the mask: a shifted byte's upper counter would leave a bit in its lower one.
    v128.store(row, v128.and(i8x16.shr_u(v128.load(row), 1), i8x16.splat(0x77)))
  }
}
