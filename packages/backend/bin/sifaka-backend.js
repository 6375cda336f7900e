#!/usr/bin/env node
// The command `sifaka-backend`. The published package has `dist`. In a fresh clone, this file first builds it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function build() {
  const { resolve } = createRequire(import.meta.url);
  const compiler = path.join(path.dirname(resolve('typescript/package.json')), 'bin', 'tsc');
  console.error('Building @sifaka/backend (once)');
  const { status } = spawnSync(process.execPath, [compiler, '--build', '--force', root], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(path.join(root, 'dist', 'cli.js'))) build();
await import('../dist/cli.js');
