import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { interruptSignal, outliveReaders } from '@sifaka/cli';
import { processFolders } from './process-folders.js';
import { runDemo } from './run-demo.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

outliveReaders(process.stdout, process.stderr);

process.exitCode = await runDemo(process.argv.slice(2), {
  print: (text) => console.log(text),
  terminal: process.stderr,
  signal: interruptSignal(process),
  ...processFolders(process.env, root, process.cwd()),
  launch: {
    npmScript: process.env['npm_lifecycle_event'],
    npmScripts: { start: ['start'], demo: [] },
    script: path.relative(process.cwd(), fileURLToPath(import.meta.url)),
  },
});
