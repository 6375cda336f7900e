import { readFileSync } from 'node:fs';

/** Values that PyTorch made: `tools/golden/losses/generate.py`. */
export function readGolden<Case>(name: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as Case[];
}
