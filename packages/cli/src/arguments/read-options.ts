import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../errors/usage-error.js';

/**
 * Splits a command line into options and other arguments.
 *
 * @throws {@link UsageError} naming an option that is unknown, incomplete or empty (`--output "$UNSET"`).
 */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; allowPositionals: true; options: Options }>> {
  try {
    const config = { args: [...argv], allowPositionals: true, options } as const;
    for (const token of parseArgs({ ...config, tokens: true }).tokens) {
      if (token.kind === 'option' && token.value === '') {
        throw new UsageError(`--${token.name}: expected a value, got an empty text`);
      }
    }
    return parseArgs(config);
  } catch (error) {
    if (UsageError.isInstance(error)) throw error;
    // Node adds advice about arguments that begin with a dash.
    throw new UsageError(`${(error as Error).message.split('. To specify ')[0]} (--help lists all options)`);
  }
}
