import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { LossPoint, ValidationPoint } from '../run/run-state.js';

export interface TrainingPlotOptions {
  readonly title: string;
  readonly losses: readonly LossPoint[];
  readonly validations: readonly ValidationPoint[];
  /** AUCs drawn as horizontal lines for comparison, by name. */
  readonly references?: Readonly<Record<string, number>>;
  /** The step whose weights were chosen, marked by a vertical line. Default: no mark. */
  readonly bestStep?: number;
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  readonly references?: Readonly<Record<string, number>>;
  readonly marked?: number | undefined;
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

/**
 * Draws the training loss, raw and smoothed, and the learning curve: validation AUC, and GAUC by user and by visit, by
 * step.
 *
 * @returns an SVG document
 */
export function trainingPlot({ title, losses, validations, references, bestStep }: TrainingPlotOptions): string {
  const lastStep = Math.max(1, losses.at(-1)?.step ?? 0, validations.at(-1)?.step ?? 0);
  const ranking = losses.flatMap(({ step, ranking }) => (ranking === null ? [] : [{ x: step, y: ranking }]));
  const curve = (name: string, colour: string, pick: (point: ValidationPoint) => number | null): Series => ({
    ...{ name, colour, dots: true },
    points: validations.flatMap((point) => {
      const y = pick(point);
      return y === null || Number.isNaN(y) ? [] : [{ x: point.step, y }];
    }),
  });
  const panels: Panel[] = [
    {
      title: 'Training loss (binary cross-entropy)',
      series: [
        { name: 'every 10 steps', colour: '#b9d3df', points: ranking, dots: false },
        { name: 'smoothed', colour: COLOURS[0]!, points: smooth(ranking), dots: false },
      ],
    },
    {
      title: 'Validation AUC',
      series: [
        curve('all events', COLOURS[0]!, ({ auc }) => auc),
        curve('cold items', COLOURS[1]!, ({ coldAuc }) => coldAuc),
      ],
      marked: bestStep,
      ...(references && { references }),
    },
    {
      title: 'Validation GAUC',
      series: [
        curve('by user', COLOURS[0]!, ({ gauc }) => gauc),
        curve('by visit', COLOURS[2]!, ({ gaucByVisit }) => gaucByVisit),
        curve('cold by user', COLOURS[1]!, ({ coldGauc }) => coldGauc),
      ],
      marked: bestStep,
    },
  ];
  const topOf = (index: number) => MARGIN.top + index * (PANEL_HEIGHT + MARGIN.between);
  const height = topOf(panels.length) - MARGIN.between + MARGIN.bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="16" font-weight="600">${escapeXml(title)}</text>`,
    ...panels.map((panel, index) => drawPanel(panel, topOf(index), lastStep)),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${height - 8}" text-anchor="middle" fill="#444">step</text>`,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, series, references = {}, marked }: Panel, top: number, lastStep: number): string {
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
  if (marked !== undefined) {
    parts.push(`<line x1="${x(marked)}" x2="${x(marked)}" y1="${top}" y2="${bottom}" stroke="#aaa"/>`);
    parts.push(`<text x="${x(marked)}" y="${top - 2}" text-anchor="middle" fill="#888">best step ${marked}</text>`);
  }
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
