// The few pieces of SVG and text that plots and reports share.

/** Text safe within XML and HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A plot area in pixels, and how its axes map into it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Tick {
  /** Position along the axis, 0..1. */
  readonly at: number;
  readonly label: string;
}

/** A document with titled axes and grid lines at the ticks; `content` is drawn over the grid. */
export function plot(
  frame: Frame,
  title: string,
  x: { title: string; ticks: Tick[] },
  y: { title: string; ticks: Tick[] },
  content: string,
): string {
  const { width, height, left, top, right, bottom } = frame;
  const px = (at: number) => (left + at * (width - left - right)).toFixed(1);
  const py = (at: number) => (height - bottom - at * (height - top - bottom)).toFixed(1);
  const middle = (top + height - bottom) / 2;
  const grid = [
    ...x.ticks.map(
      ({ at, label }) =>
        `<path d="M${px(at)},${py(0)}V${py(1)}"/><text x="${px(at)}" y="${height - bottom + 16}" text-anchor="middle">${label}</text>`,
    ),
    ...y.ticks.map(
      ({ at, label }) =>
        `<path d="M${px(0)},${py(at)}H${px(1)}"/><text x="${left - 6}" y="${(Number(py(at)) + 4).toFixed(1)}" text-anchor="end">${label}</text>`,
    ),
  ].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="${top - 14}" font-size="15" font-weight="bold">${escapeXml(title)}</text>
<g stroke="#e2e2e2">${grid.replaceAll("<text", '<text stroke="none"')}</g>
<text x="${(left + width - right) / 2}" y="${height - 12}" text-anchor="middle">${escapeXml(x.title)}</text>
<text transform="translate(16,${middle}) rotate(-90)" text-anchor="middle">${escapeXml(y.title)}</text>
<rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}" fill="none" stroke="#888"/>
${content}
</svg>
`;
}

/** A rate as a percentage: three decimals, or two digits where that would hide it. */
export function percent(rate: number): string {
  const value = rate * 100;
  return `${value > 0 && value < 0.01 ? value.toPrecision(2) : value.toFixed(3)} %`;
}
