/**
 * The colours of the charts: of light surroundings, and what each becomes in dark ones.
 *
 * Colours are attributes, with others for dark surroundings in the file's own style sheet: so a chart is
 * legible on both, wherever it is embedded as an image.
 */

/** Light and dark. */
export const INK = { light: '#24292f', dark: '#e6edf3' }
export const FAINT = { light: '#d0d7de', dark: '#3d444d' }
export const SHADE = { light: '#f6f8fa', dark: '#161b22' }
/** Told apart with every common colour blindness. */
const OWN = [
  { light: '#0969da', dark: '#4493f8' },
  { light: '#54aeff', dark: '#1f6feb' },
  { light: '#80ccff', dark: '#388bfd' },
]
const BASELINE = { light: '#bc4c00', dark: '#f0883e' }
const PEER = { light: '#8c959f', dark: '#7d8590' }

/** Of lines that cross each other: hotset's default, and what it is compared with. */
export const LINES = [OWN[0].light, BASELINE.light, PEER.light]

/** Of each implementation: hotset in blue throughout, the baseline in orange, all else in grey. */
export function coloursOf(implementations, baseline) {
  const own = implementations.filter((name) => name.startsWith('hotset'))
  const colourOf = (name) => {
    if (own.includes(name)) return OWN[own.indexOf(name) % OWN.length]
    return name === baseline ? BASELINE : PEER
  }
  return new Map(implementations.map((name) => [name, colourOf(name).light]))
}

/** Why by attribute: the renderer writes colours as attributes, which any style rule overrides. */
export function withDarkColours(svg) {
  const rules = [INK, FAINT, SHADE, ...OWN, BASELINE, PEER].map(
    ({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  )
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`
  return `${svg.replace(/<svg[^>]*>/, (open) => `${open}\n${style}`)}\n`
}
