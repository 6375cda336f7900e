import type { RetrievalComparison, RetrievalRow } from './compare-retrieval.js';
import { MODEL_NAMES } from './model-options.js';
import { PUBLISHED_RESULTS, type PublishedResult } from './published-results.js';

const METRICS = ['recall10', 'recall20', 'ndcg10', 'ndcg20'] as const;
const HEADERS = ['R@10', 'R@20', 'N@10', 'N@20'];

/**
 * A table of a comparison's test results as text, one line per row. For `baby` and `sports` it has the published values
 * beside them, or dashes where none is published.
 *
 * @param dataset name of the data, such as that of {@link MmrecFolder}.
 */
export function formatComparison({ rows }: RetrievalComparison, dataset = ''): string {
  const published = PUBLISHED_RESULTS.filter((each) => each.dataset === dataset);
  const header = ['model', 'chosen by', 'seeds', ...HEADERS, ...(published.length > 0 ? HEADERS.map(inPaper) : [])];
  const lines = rows.map((row) => {
    const own = METRICS.map((name) => row.test[name].toFixed(4));
    const paper = published.length > 0 ? publishedCells(row, published) : [];
    return [nameOf(row), row.selection, `${row.seeds}`, ...own, ...paper];
  });
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const isText = (column: number) => column < 2;
  return all
    .map((line) =>
      line
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function inPaper(header: string): string {
  return `${header} published`;
}

function publishedCells({ kind, selection }: RetrievalRow, published: readonly PublishedResult[]): string[] {
  const found = published.find((each) => each.kind === kind && each.selection === selection);
  return METRICS.map((name) => (found === undefined ? '-' : found[name].toFixed(4)));
}

function nameOf({ kind }: RetrievalRow): string {
  return kind === 'popularity' ? 'popularity' : MODEL_NAMES[kind];
}
