import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { interruptSignal } from '@sifaka/cli';
import { runDemo } from './run-demo.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// npm runs scripts in the repository's root. INIT_CWD is the folder that the user called it from.
const workingFolder = process.env['INIT_CWD'] ?? process.cwd();

// A reader may close the pipe early (`| head`). That is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runDemo(process.argv.slice(2), {
  print: (text) => console.log(text),
  terminal: process.stderr,
  signal: interruptSignal(process),
  workingFolder,
  cacheFolder: path.resolve(workingFolder, process.env['SIFAKA_CACHE'] ?? path.join(root, '.cache')),
  runsFolder: path.join(root, 'runs'),
  engine: process.env['SIFAKA_ENGINE'] || 'auto',
  launch: {
    npmScript: process.env['npm_lifecycle_event'],
    npmScripts: { start: ['start'], demo: [] },
    script: path.relative(process.cwd(), fileURLToPath(import.meta.url)),
  },
});
