/** How this program was started. */
export interface Launch {
  /** The npm script, if npm started it. */
  readonly npmScript: string | undefined;
  /** The program's file as the user would write it. */
  readonly script: string;
  /** Decides how arguments are quoted. Default: that of this machine. */
  readonly platform?: NodeJS.Platform;
}

/** The command that goes on with an interrupted run, to be pasted where the first one was typed. */
export function resumeCommand(argv: readonly string[], { npmScript, script, platform }: Launch): string {
  const given = argv.filter((argument) => argument !== '--resume');
  // `npm start` is `… start` in package.json, so the command's name must not be given twice.
  const words =
    npmScript === 'start' && given[0] === 'start'
      ? ['npm', 'start', '--', ...given.slice(1)]
      : npmScript === 'demo'
        ? ['npm', 'run', 'demo', '--', ...given]
        : ['node', script, ...given];
  return [...words, '--resume'].map((word) => quote(word, platform ?? process.platform)).join(' ');
}

function quote(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
