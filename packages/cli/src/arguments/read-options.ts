import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../errors/usage-error.js';

/**
 * Splits a command line into options and other arguments.
 *
 * @throws {@link UsageError} naming an unknown or incomplete option.
 */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; allowPositionals: true; options: Options }>> {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    // Node adds advice about arguments that begin with a dash.
    throw new UsageError(`${(error as Error).message.split('. To specify ')[0]} (--help lists all options)`);
  }
}
