/**
 * What others hit on public traces, in per cent: unit-size entries, one thread, cold start, read-through. Facts
 * to compare with, none of them measured here.
 *
 * OPT is Belady's offline optimum, which knows the future. LRU, ARC (Megiddo, Modha, FAST 2003), S3-FIFO (Yang
 * et al., SOSP 2023) and W-TinyLFU with a window of 1% (Einziger, Friedman, Manes, ACM ToS 2017) are
 * simulations. Caffeine is the Java library itself, 3.2.2 and its main branch of August 2026, which adapts the
 * window (Einziger, Eytan, Friedman, Manes, Middleware 2018): the mean of three runs. "mini-sim" is a simulation
 * that chooses among seven configurations by miniature simulation: the design that this engine began from.
 */

/** In the order of the figures of a cell, behind its entries. */
export const OTHERS = [
  'OPT',
  'LRU',
  'ARC',
  'S3-FIFO',
  'W-TinyLFU, 1%',
  'Caffeine 3.2.2',
  'Caffeine main',
  'mini-sim',
]

/** By the trace's file. */
export const PUBLISHED = {
  'OLTP.lis.gz': [
    [512, 46.7, 23.7, 30.8, 32.7, 29.4, 33.7, 32.5, 33.5],
    [1000, 53.6, 32.8, 38.9, 40.9, 35.4, 39.8, 39.9, 40.9],
    [2048, 60.6, 42.8, 46.3, 47.2, 42.1, 46.2, 46.5, 47.3],
    [8192, 71.7, 58.9, 59.6, 60.8, 57.4, 59.6, 60.8, 61.0],
  ],
  'P3.lis.gz': [
    [4096, 6.9, 1.3, 2.3, 2.5, 2.0, 2.2, 2.2, 2.6],
    [32768, 32.2, 3.6, 17.1, 17.5, 18.4, 17.8, 18.1, 18.8],
    [131072, 67.5, 44.8, 50.6, 48.7, 43.5, 43.2, 43.4, 47.1],
  ],
  'P6.lis.gz': [
    [16384, 21.6, 1.7, 13.0, 12.2, 14.1, 13.4, 13.2, 14.2],
    [65536, 66.9, 17.8, 31.7, 40.9, 57.4, 54.0, 56.1, 57.5],
    [262144, 93.5, 90.2, 90.2, 90.3, 86.3, 86.0, 86.5, 90.3],
  ],
  'w106.u32be.gz': [
    [2048, 84.1, 78.5, 78.9, 80.3, 78.4, 80.0, 79.9, 80.6],
    [16384, 92.6, 87.5, 88.2, 89.1, 90.0, 89.6, 89.8, 90.1],
    [65536, 94.8, 93.6, 93.4, 93.5, 94.3, 93.2, 94.3, 94.2],
  ],
  'orm-busy.u32be.gz': [
    [512, 79.3, 69.6, 70.2, 70.0, 54.9, 67.6, 67.7, 72.0],
    [4096, 90.5, 84.6, 84.7, 85.7, 81.4, 84.6, 84.7, 85.7],
    [20000, 96.7, 93.6, 93.6, 94.1, 94.3, 93.6, 94.2, 94.5],
  ],
  'web12.u32be.gz': [
    [512, 72.0, 56.1, 58.7, 61.1, 58.3, 60.7, 59.8, 61.1],
    [2048, 82.5, 72.8, 74.7, 75.6, 73.9, 73.1, 73.1, 75.6],
    [8192, 85.6, 84.0, 84.2, 84.1, 83.5, 83.4, 84.2, 83.9],
  ],
  'cloudPhysicsIO.oracleGeneral.gz': [
    [512, 20.9, 16.2, 17.3, 17.0, 16.8, 16.0, 16.9, 16.8],
    [2048, 28.3, 17.3, 18.6, 18.4, 19.1, 18.6, 18.7, 18.7],
    [10000, 45.7, 30.2, 30.3, 33.6, 27.9, 27.5, 28.1, 32.2],
  ],
  'weblog-424.slt.gz': [
    [512, 49.8, 30.8, 35.9, 38.7, 36.3, 36.7, 37.4, 38.8],
    [2048, 62.0, 45.5, 51.6, 53.0, 51.9, 50.1, 50.1, 52.9],
    [8192, 70.7, 60.8, 63.8, 63.8, 63.3, 62.4, 63.5, 63.7],
  ],
  'loop.lirs.gz': [
    [250, 24.6, 0.0, 0.0, 22.2, 23.9, 23.3, 23.1, 23.7],
    [500, 49.4, 0.0, 0.0, 44.4, 48.8, 46.0, 47.6, 48.8],
    [900, 88.8, 0.0, 0.0, 61.6, 80.6, 78.9, 78.2, 76.0],
  ],
  'multi2.lirs.gz': [
    [500, 53.6, 36.0, 39.5, 49.8, 46.8, 47.8, 48.2, 49.7],
    [1500, 69.8, 48.3, 50.9, 60.9, 63.0, 63.0, 62.7, 63.7],
  ],
}

/** @returns {{ trace: string, entries: number, others: Record<string, number> }[]} */
export function publishedCells() {
  return Object.entries(PUBLISHED).flatMap(([trace, cells]) =>
    cells.map(([entries, ...figures]) => {
      const others = Object.fromEntries(OTHERS.map((name, at) => [name, figures[at]]))
      return { trace, entries, others }
    }),
  )
}
