import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';

/** Makes empty folders that are removed after each test of the calling file. */
export function folderMaker(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-trainer-'));
    made.push(folder);
    return folder;
  };
}

type State = Readonly<Record<string, unknown>>;

/** Changes `state.json` of a checkpoint and its checksum. */
export function resign(checkpoint: string, change: (state: State) => State): void {
  const file = path.join(checkpoint, 'state.json');
  const { checksum: _, ...state } = JSON.parse(readFileSync(file, 'utf8')) as State;
  const changed = change(state);
  writeFileSync(file, JSON.stringify({ ...changed, checksum: sha256(JSON.stringify(changed)) }));
}

/** Replaces a file of a checkpoint, with its checksum. */
export function rewrite(checkpoint: string, file: string, bytes: Uint8Array): void {
  writeFileSync(path.join(checkpoint, file), bytes);
  resign(checkpoint, (state) => ({
    ...state,
    checksums: { ...(state['checksums'] as object), [file]: sha256(bytes) },
  }));
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
