import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  browserEntries,
  buildSite,
  NODE_ONLY,
  type PageReport,
  packageEntries,
  SiteServer,
  startBrowser,
  type TrainedSteps,
  trainSteps,
  visit,
} from '@sifaka/browser-test';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The Chromium that the tests start: `SIFAKA_TEST_BROWSER=/usr/bin/chromium`. Without it, they start none. */
const PROGRAM = process.env['SIFAKA_TEST_BROWSER'];

describe('browser entries', () => {
  it('are all exports of the packages that do not need Node', () => {
    expect(packageEntries()).toEqual(expect.arrayContaining(Object.keys(NODE_ONLY)));
    expect(browserEntries()).toContain('@sifaka/trainer/model');
  });

  it('are listed in docs/browser.md, with the program that the page runs', () => {
    const guide = readFileSync(new URL('../../../docs/browser.md', import.meta.url), 'utf8');
    const program = readFileSync(new URL('../page/guide.ts', import.meta.url), 'utf8');
    expect(guide).toContain(`\`\`\`ts\n${program}\`\`\`\n`);
    for (const entry of browserEntries()) expect(guide).toContain(`\`${entry}\``);
  });

  it('train 20 steps in Node with a falling loss', () => {
    const { losses, aucBefore, aucAfter } = trainSteps();
    expect(losses).toHaveLength(20);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) - 0.05);
    expect(aucAfter).toBeGreaterThan(aucBefore);
  });
});

// These need a browser and the built packages: `SIFAKA_TEST_BROWSER=/usr/bin/chromium`, as in CI.
if (PROGRAM !== undefined) {
  describe(`a site built by Vite in ${PROGRAM}`, () => {
    const site = mkdtempSync(path.join(tmpdir(), 'sifaka-browser-'));
    let browser: Browser | undefined;
    beforeAll(async () => {
      await buildSite(site); // Throws if an entry imports a module of Node.
      browser = await startBrowser(PROGRAM);
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(site, { recursive: true });
    });

    /** Opens a page and reads its text or its report. */
    async function open<Result>(
      name: string,
      read: (page: Page) => Promise<Result>,
      options: { readonly isolated?: boolean } = {},
    ): Promise<Result> {
      const server = await SiteServer.start(site, options);
      return visit(browser!, server.url(name), read).finally(() => server.close());
    }
    const reportOf = (page: Page) => page.evaluate<PageReport>('report');

    it('trains on an ordinary page with the losses of Node', async () => {
      const { engine, isolated, training } = await open('index.html', reportOf);
      expect(isolated).toBe(false);
      expect(engine.name).toBe('wasm');
      expectSameTraining(training);
    });

    it('trains on a cross-origin isolated page with the losses of Node', async () => {
      const { engine, isolated, training } = await open('index.html', reportOf, { isolated: true });
      expect(isolated).toBe(true);
      expect(engine).toEqual({ name: 'wasm', threads: 1 }); // The engine starts no threads in a browser.
      expectSameTraining(training);
    });

    it('trains in a worker with the losses of Node', async () => {
      expectSameTraining(await open('worker.html', (page) => page.evaluate<TrainedSteps>('report')));
    });

    it('exports from every entry what Node exports', async () => {
      const { exported } = await open('index.html', reportOf);
      expect(Object.keys(exported).sort()).toEqual(browserEntries());
      for (const [entry, names] of Object.entries(exported)) {
        const inNode: object = await import(/* @vite-ignore */ entry);
        expect(names, entry).toEqual(Object.keys(inNode).sort());
      }
    });

    it('runs the program of docs/browser.md', async () => {
      const text = await open('guide.html', async (page) => {
        await page.waitForFunction("document.body.textContent.includes('AUC')");
        return page.evaluate<string>('document.body.textContent');
      });
      const [, events, auc] = /(\d+) events scored, AUC (\d\.\d+)/.exec(text) ?? [];
      expect(Number(events)).toBe(60);
      expect(Number(auc)).toBeGreaterThan(0.8);
    });
  });
}

/** Rounding may differ between versions of V8. With Node 20 and Chromium 156 the losses are the same bits. */
function expectSameTraining({ losses, aucAfter }: TrainedSteps): void {
  const inNode = trainSteps();
  expect(losses).toHaveLength(inNode.losses.length);
  for (const [step, loss] of losses.entries()) {
    expect(Math.abs(loss - inNode.losses[step]!), `loss of step ${step}`).toBeLessThan(1e-5);
  }
  expect(aucAfter).toBeCloseTo(inNode.aucAfter, 5);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
