import { type Browser, chromium, type Page } from 'playwright-core';

/** Without a sandbox and a GPU, as in a container; without the browser's own traffic. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longer than any page needs on a busy machine. */
const PATIENCE_MS = 50_000;

/**
 * Starts Chromium with a fresh profile.
 *
 * @throws Error if `program` does not start.
 */
export async function startBrowser(program: string): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: program, args: ARGUMENTS });
  } catch (cause) {
    const help = 'Try: apt-get install chromium';
    throw new Error(`SIFAKA_TEST_BROWSER: expected a Chromium that starts, got ${program}. ${help}`, { cause });
  }
}

/**
 * Opens an address in a new page, and closes the page after `read`.
 *
 * @throws Error if the page logs an error, or throws. `read` may then be cut short.
 */
export async function visit<Result>(
  browser: Browser,
  url: string,
  read: (page: Page) => Promise<Result>,
): Promise<Result> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  const failed = new Promise<never>((_, reject) => {
    const fail = (problem: string) => {
      problems.push(problem);
      reject(new Error(`${url}: expected a page without errors, got ${problem}`));
    };
    page.on('pageerror', (error) => fail(error.stack ?? String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') fail(message.text());
    });
  });
  failed.catch(() => undefined); // A page may also fail after the race below.
  try {
    const result = await Promise.race([page.goto(url).then(() => read(page)), failed]);
    if (problems.length > 0) await failed;
    return result;
  } finally {
    await page.close();
  }
}
