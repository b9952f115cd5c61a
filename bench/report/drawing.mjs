/** From ECharts' options to SVG, with what all charts have in common. */
import * as echarts from 'echarts'
import { INK, withDarkColours } from './palette.mjs'

const FONT = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'

/** @returns {string} */
export function render(width, height, title, options) {
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  drawing.setOption({
    animation: false,
    textStyle: { fontFamily: FONT, color: INK.light },
    title: { text: title, left: 12, top: 8, textStyle: { fontSize: 14, color: INK.light } },
    ...options,
  })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return withDarkColours(svg)
}
