import { examineEngines, formatHealth } from './doctor.js';
import { ENGINE_NAMES, ENGINES, type EngineName } from './engine-descriptions.js';
import { PROCESS_TERMINAL, type Terminal } from './terminal.js';
import { useEngine } from './use-engine.js';

const USAGE = `Usage: npx @sifaka/backend doctor [ENGINE ...] [--json]

Trains one step on each engine (${ENGINE_NAMES.join(', ')}), or on those named.
--json prints the findings for a program. The exit code is 0 if an engine works that auto may choose.`;

/**
 * `sifaka-backend doctor [ENGINE ...] [--json]`: prints which engines work here, and what may fix the others.
 *
 * @param args the words after `doctor`: engines to examine (default: all), and `--json` for machine-readable
 *   output.
 * @returns the exit code: 0 if at least one engine that `auto` may choose works, otherwise 1.
 */
export async function doctorCommand(
  args: readonly string[],
  { print, printError }: Terminal = PROCESS_TERMINAL,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(USAGE);
    return 0;
  }
  const json = args.includes('--json');
  const names = args.filter((word) => word !== '--json');
  const unknown = names.find((name) => !isEngine(name));
  if (unknown !== undefined) {
    printError(`Unknown engine: ${unknown}. The engines are ${ENGINE_NAMES.join(', ')}`);
    return 1;
  }
  const found = await examineEngines(names.length === 0 ? ENGINE_NAMES : names.filter(isEngine));
  if (json) print(JSON.stringify(found));
  else if (names.length > 0) print(formatHealth(found));
  else print(`${formatHealth(found)}\n\n${await describeAuto()}`);
  return found.some(({ name, works }) => works && ENGINES[name].automatic) ? 0 : 1;
}

/** Starts `auto` to name its choice: not always the first engine that works, because a CPU may emulate a GPU. */
async function describeAuto(): Promise<string> {
  try {
    return `auto takes ${(await useEngine('auto')).name}.`;
  } catch {
    return 'No engine works here.';
  }
}

function isEngine(name: string): name is EngineName {
  return (ENGINE_NAMES as readonly string[]).includes(name);
}
