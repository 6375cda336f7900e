/** How this program was started. */
export interface Launch {
  /** The npm script, if npm started it. */
  readonly npmScript: string | undefined;
  /** npm scripts that start this program, each with the arguments that it already contains. */
  readonly npmScripts: Readonly<Record<string, readonly string[]>>;
  /** The program's file as the user would write it. */
  readonly script: string;
  /** Decides how arguments are quoted. Default: this machine's. */
  readonly platform?: NodeJS.Platform;
}

/** The command that continues an interrupted run, for the shell in which the first one was typed. */
export function resumeCommand(argv: readonly string[], launch: Launch): string {
  const given = argv.filter((argument) => argument !== '--resume');
  const words = [...(npmWords(given, launch) ?? ['node', launch.script, ...given]), '--resume'];
  return words.map((word) => quote(word, launch.platform ?? process.platform)).join(' ');
}

/** @returns undefined if npm did not start the program, or if its script contains other arguments. */
function npmWords(given: readonly string[], { npmScript = '', npmScripts }: Launch): readonly string[] | undefined {
  if (!Object.hasOwn(npmScripts, npmScript)) return undefined;
  const contained = npmScripts[npmScript]!;
  if (contained.some((word, i) => given[i] !== word)) return undefined;
  const npm = npmScript === 'start' ? ['npm', 'start'] : ['npm', 'run', npmScript];
  return [...npm, '--', ...given.slice(contained.length)];
}

function quote(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
