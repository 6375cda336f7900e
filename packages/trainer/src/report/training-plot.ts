import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { LossPoint, ValidationPoint } from '../run/run-state.js';

export interface TrainingPlotOptions {
  readonly title: string;
  readonly losses: readonly LossPoint[];
  readonly validations: readonly ValidationPoint[];
  /** AUCs drawn as horizontal lines for comparison, by name. */
  readonly references?: Readonly<Record<string, number>>;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
  readonly dots: boolean;
}

const WIDTH = 760;
const PANEL_HEIGHT = 230;
const MARGIN = { left: 60, right: 150, top: 56, between: 58, bottom: 44 };
const COLOURS = ['#0b6e99', '#c2571a', '#4d8b31', '#8a5a9e', '#7a7a7a'];

/** Draws the training loss, raw and smoothed, and the validation AUC by step. @returns an SVG document */
export function trainingPlot({ title, losses, validations, references = {} }: TrainingPlotOptions): string {
  const lastStep = Math.max(1, losses.at(-1)?.step ?? 0, validations.at(-1)?.step ?? 0);
  const height = MARGIN.top + 2 * PANEL_HEIGHT + MARGIN.between + MARGIN.bottom;
  const ranking = losses.flatMap(({ step, ranking }) => (ranking === null ? [] : [{ x: step, y: ranking }]));
  const lossSeries: Series[] = [
    { name: 'every 10 steps', colour: '#b9d3df', points: ranking, dots: false },
    { name: 'smoothed', colour: COLOURS[0]!, points: smooth(ranking), dots: false },
  ];
  const aucOf = (pick: (point: ValidationPoint) => number | null) =>
    validations.flatMap((point) => {
      const y = pick(point);
      return y === null ? [] : [{ x: point.step, y }];
    });
  const aucSeries: Series[] = [
    { name: 'all events', colour: COLOURS[0]!, points: aucOf(({ auc }) => auc), dots: true },
    { name: 'cold items', colour: COLOURS[1]!, points: aucOf(({ coldAuc }) => coldAuc), dots: true },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="16" font-weight="600">${escapeXml(title)}</text>`,
    panel('Training loss (binary cross-entropy)', MARGIN.top, lastStep, lossSeries, {}),
    panel('Validation AUC', MARGIN.top + PANEL_HEIGHT + MARGIN.between, lastStep, aucSeries, references),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${height - 8}" text-anchor="middle" fill="#444">step</text>`,
    '</svg>\n',
  ].join('\n');
}

function panel(
  title: string,
  top: number,
  lastStep: number,
  series: readonly Series[],
  references: Readonly<Record<string, number>>,
): string {
  const right = WIDTH - MARGIN.right;
  const bottom = top + PANEL_HEIGHT;
  const values = [...series.flatMap(({ points }) => points.map(({ y }) => y)), ...Object.values(references)];
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const room = Math.max(1e-3, (high - low) * 0.08);
  const x = scaleLinear([0, lastStep], [MARGIN.left, right]);
  const y = scaleLinear([low - room, high + room], [bottom, top]).nice(5);
  const path = line<Point>(
    (point) => x(point.x),
    (point) => y(point.y),
  );
  const parts = [`<text x="${MARGIN.left}" y="${top - 10}" font-weight="600" fill="#222">${title}</text>`];
  for (const tick of y.ticks(5)) {
    parts.push(`<line x1="${MARGIN.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e4e4e4"/>`);
    parts.push(
      `<text x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end" fill="#444">${y.tickFormat(5)(tick)}</text>`,
    );
  }
  for (const tick of x.ticks(8)) {
    parts.push(`<line x1="${x(tick)}" x2="${x(tick)}" y1="${bottom}" y2="${bottom + 5}" stroke="#888"/>`);
    parts.push(
      `<text x="${x(tick)}" y="${bottom + 18}" text-anchor="middle" fill="#444">${x.tickFormat(8)(tick)}</text>`,
    );
  }
  parts.push(`<line x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#888"/>`);
  const labels: { y: number; text: string; colour: string }[] = [];
  Object.entries(references).forEach(([name, value], i) => {
    const colour = COLOURS[2 + (i % 3)]!;
    parts.push(
      `<line x1="${MARGIN.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" stroke="${colour}" stroke-dasharray="5 4"/>`,
    );
    labels.push({ y: y(value), text: `${name} ${value.toFixed(3)}`, colour });
  });
  for (const { name, colour, points, dots } of series) {
    if (points.length === 0) continue;
    parts.push(`<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    if (dots)
      for (const point of points)
        parts.push(`<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3.5" fill="${colour}"/>`);
    const last = points.at(-1)!;
    labels.push({ y: y(last.y), text: dots ? `${name} ${last.y.toFixed(3)}` : name, colour });
  }
  for (const label of spread(labels)) {
    parts.push(`<text x="${right + 10}" y="${label.y + 4}" fill="${label.colour}">${escapeXml(label.text)}</text>`);
  }
  return parts.join('\n');
}

/** Keeps labels at least one line apart. */
function spread<Label extends { y: number }>(labels: readonly Label[]): Label[] {
  const sorted = labels.map((label) => ({ ...label })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < sorted.length; i++) sorted[i]!.y = Math.max(sorted[i]!.y, sorted[i - 1]!.y + 15);
  return sorted;
}

/** Exponential moving average over about five points. */
function smooth(points: readonly Point[]): Point[] {
  let mean = points[0]?.y ?? 0;
  return points.map(({ x, y }, i) => {
    mean += (y - mean) / Math.min(i + 1, 5);
    return { x, y: mean };
  });
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
