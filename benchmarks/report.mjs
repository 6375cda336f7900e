// Compares results and formats them as text.
import { median, quantile, ratioOfMedians } from './statistics.mjs';

/** Compares each entry of a workload with PyTorch: wall time with its fastest entry, CPU time with its lowest. */
export function compare(entries) {
  const pytorch = entries.filter(({ contender }) => contender.side === 'pytorch');
  const [fastest] = pytorch.toSorted((a, b) => median(a.times.flat()) - median(b.times.flat()));
  const leastCpu = Math.min(...pytorch.map(({ cpuTimes }) => median(cpuTimes.flat())));
  return entries.map((entry) => {
    const all = entry.times.flat();
    const cpu = median(entry.cpuTimes.flat());
    return {
      label: entry.label,
      side: entry.contender.side,
      milliseconds: { median: median(all), low: quantile(all, 0.1), high: quantile(all, 0.9) },
      cpuMilliseconds: cpu,
      ...(fastest === undefined ? {} : { ratio: ratioOfMedians(entry.times, fastest.times), cpuRatio: cpu / leastCpu }),
      rounds: entry.times.length,
      runs: all.length,
      check: entry.check,
      times: entry.times,
      cpuTimes: entry.cpuTimes,
    };
  });
}

/** @returns one line per value in `check` on which contenders disagree. */
export function disagreements(entries, tolerance) {
  const [first, ...rest] = entries;
  return rest.flatMap(({ label, check }) =>
    Object.entries(first.check)
      .filter(([name, value]) => !(Math.abs(check[name] - value) <= tolerance * Math.max(1, Math.abs(value))))
      .map(([name, value]) => `${name}: ${first.label} ${value}, ${label} ${check[name]}`),
  );
}

export function formatResults({ title, goals = {} }, results) {
  const rows = results.map(({ label, milliseconds, ratio, cpuMilliseconds, cpuRatio, runs }) => [
    label,
    figure(milliseconds.median),
    `${figure(milliseconds.low)} … ${figure(milliseconds.high)}`,
    ratio === undefined ? '' : ratio.ratio.toFixed(2),
    ratio === undefined ? '' : `${ratio.low.toFixed(2)} … ${ratio.high.toFixed(2)}`,
    figure(cpuMilliseconds),
    cpuRatio === undefined ? '' : cpuRatio.toFixed(2),
    `${runs}`,
    goals[label] === undefined ? '' : `≤ ${goals[label]}`,
  ]);
  const headings = ['', 'ms', '10–90 %', '× PyTorch', '90 % interval', 'CPU ms', '×', 'runs', 'goal'];
  return `${title}\n${formatTable([headings, ...rows])}`;
}

export function formatMemory(results) {
  const least = Math.min(...results.filter(({ side }) => side === 'pytorch').map(({ peakMiB }) => peakMiB));
  const rows = results.map(({ label, startedMiB, peakMiB }) => [
    label,
    startedMiB.toFixed(0),
    peakMiB.toFixed(0),
    (peakMiB / least).toFixed(2),
  ]);
  const table = formatTable([['', 'started', 'peak', '× PyTorch'], ...rows]);
  return `Memory of a process that runs these steps, MiB\n${table}`;
}

/** Three digits or more. */
export function figure(value) {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** The first column is left-aligned, the others right-aligned. */
export function formatTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}
