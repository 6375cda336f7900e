import { entries } from 'virtual:browser-entries';
import { useEngine } from '@sifaka/backend';
import type { PageReport } from '../src/page-report.js';
import { trainSteps } from '../src/train-steps.js';

async function run(): Promise<PageReport> {
  const { name, threads } = await useEngine();
  const exported = Object.entries(entries).map(([entry, values]) => [entry, Object.keys(values).sort()] as const);
  return {
    engine: { name, threads },
    isolated: crossOriginIsolated,
    exported: Object.fromEntries(exported),
    training: trainSteps(),
  };
}

// The test waits for this promise.
Object.assign(globalThis, { report: run() });
