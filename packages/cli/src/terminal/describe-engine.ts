import type { EngineReport } from '@sifaka/backend';

/** Prints which engine runs, and why preferred ones were passed over. */
export function describeEngine(engine: EngineReport, print: (text: string) => void): void {
  const { name, version, nativeVersion, device, threads, passedOver } = engine;
  const native = nativeVersion === undefined ? '' : ` on ${nativeVersion}`;
  print(`Engine   ${name} ${version}${native}, ${device}${threads > 1 ? `, ${threads} threads` : ''}`);
  for (const other of passedOver) print(`         ${other.name}: ${other.reason} (${other.command})`);
}
